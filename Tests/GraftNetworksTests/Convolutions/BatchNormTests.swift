import GraftFiles
import GraftKernelCalls
import GraftMatrices
import GraftNetworks
import NumericChecks
import Testing

@Suite struct BatchNormTests {
  static let rules = [
    Optimizer.Rule.sgd(momentum: 0.9), .sgd(momentum: 0.9, nesterov: true), .adam(), .adam(decoupled: true),
  ]

  private func statistics(_ model: Model) -> [ParameterSlice] { model.parameters.slices.filter(\.isStatistic) }

  private func bits(_ model: Model, _ names: [String]) -> [String: [UInt32]] {
    Dictionary(uniqueKeysWithValues: names.map { ($0, model.values($0).map(\.bitPattern)) })
  }

  private func trainer(
    _ model: Model, _ network: ConvolutionalCase, _ rule: Optimizer.Rule = .sgd(momentum: 0.9),
    rate: Double = 0.02, _ path: PlainTrainer.Path = .fused
  ) -> PlainTrainer {
    PlainTrainer(
      model, on: network.rows(12, seed: 3).inputs(sparse: true), network.labels(12), rule: rule, learningRate: rate,
      weightDecay: 0.05, capacity: 6, path: path)
  }

  private let batches = [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11], [11, 3, 5], [1, 8]]

  @Test(
    "fresh ones are gain one, shift zero, mean zero, variance one, by PyTorch's names and without a bias before them")
  func fresh() throws {
    for rule in Initialization.allCases {
      let model = try Model(
        "cnn:5c3b-7c2b-6b-5", on: ImageShape(height: 5, width: 6), classCount: 3, seed: 1, initialization: rule)
      #expect(
        model.parameters.slices.map(\.name) == [
          "conv1.weight", "bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var", "conv2.weight", "bn2.weight",
          "bn2.bias", "bn2.running_mean", "bn2.running_var", "fc1.weight", "bn3.weight", "bn3.bias", "bn3.running_mean",
          "bn3.running_var", "fc2.weight", "fc2.bias", "fc3.weight", "fc3.bias",
        ])
      for (norm, channels) in [("bn1", 5), ("bn2", 7), ("bn3", 6)] {
        for (part, value) in [("weight", Float(1)), ("bias", 0), ("running_mean", 0), ("running_var", 1)] {
          #expect(model.values("\(norm).\(part)") == [Float](repeating: value, count: channels))
        }
      }
      #expect(model.isTrainable == model.parameters.slices.map { !$0.name.contains("running") })
    }
  }

  /// PyTorch's: the new one's weight is 0.1, and the variance is the unbiased one.
  @Test(
    "running statistics follow the batch's mean and unbiased variance, and nothing else moves them: no decay, no momentum",
    arguments: ConvolutionalCase.normalized, rules)
  func follow(network: ConvolutionalCase, rule: Optimizer.Rule) throws {
    for path in PlainTrainer.Path.allCases {
      var trainer = trainer(try network.model(seed: 2), network, rule, path)
      let rows = network.rows(12, seed: 3).values
      for batch in batches {
        var reference = ReferenceConvolutions(network.text, trainer.model)
        reference.usingBatch = Set(reference.norms)
        let moments = reference(batch.map { rows[$0] }).moments
        trainer.step(batch[...])
        #expect(Set(moments.keys) == Set(reference.norms))
        for (name, moment) in moments {
          for (part, new) in [("running_mean", moment.mean), ("running_var", moment.unbiasedVariance)] {
            let old = reference.parameters["\(name).\(part)"] ?? []
            let expected = zip(old, new).map { 0.9 * $0 + 0.1 * $1 }
            #expect(mismatch(trainer.model.values("\(name).\(part)"), expected, within: 1e-6) == nil, "\(name).\(part)")
          }
        }
      }
      for slice in statistics(trainer.model) {
        #expect(!trainer.buffer.received.contains { $0.name == slice.name })
        let places = 0..<slice.count
        #expect(places.allSatisfy { trainer.optimizer.state.first[slice.layout.index(0, $0)] == 0 }, "\(slice.name)")
        #expect(places.allSatisfy { trainer.buffer.sum[slice.layout.index(0, $0)] == 0 }, "\(slice.name)")
      }
    }
  }

  @Test("evaluation and features leave the model as it is and use the running statistics")
  func evaluation() throws {
    for network in ConvolutionalCase.normalized {
      let model = try network.model(seed: 4)
      let inputs = network.rows(6, seed: 5).inputs(sparse: true)
      var workspace = Workspace(for: model, inputs: inputs, capacity: 6)
      let order = [0, 1, 2, 3, 4, 5]
      let batch = Batch(inputs: inputs, rows: order[...], labels: order[...])
      // What a training pass measured is not what an evaluation behind it uses.
      let before = model.logits(of: inputs).flatMap { $0 }
      model.forward(batch, mode: .plainTraining, in: &workspace)
      #expect(workspace.logits.nested.flatMap { $0 } != before)
      model.forward(batch, mode: .evaluation, in: &workspace)
      #expect(mismatchInBits(workspace.logits.nested.flatMap { $0 }, before) == nil)
    }
  }

  @Test(
    "in held layers no number moves, not by one bit, while all behind them trains; theirs move",
    arguments: ConvolutionalCase.normalized, rules)
  func held(network: ConvolutionalCase, rule: Optimizer.Rule) throws {
    for path in PlainTrainer.Path.allCases {
      let layers = try network.model(seed: 6).layers
      for count in 0..<layers.count {
        var trainer = trainer(try network.model(seed: 6), network, rule, path)
        // The optimizer has momentum for them when they are held.
        for batch in batches { trainer.step(batch[...]) }
        trainer.model.freeze(first: count)
        let before = trainer.model
        for batch in batches { trainer.step(batch[...]) }
        for (index, layer) in layers.enumerated() {
          let names = layer.allSlices.map(\.name)
          let (old, new) = (bits(before, names), bits(trainer.model, names))
          if index < count {
            #expect(new == old, "layer \(index) of \(count) held")
          } else {
            for name in names { #expect(new[name] != old[name], "\(name) with \(count) held") }
          }
        }
      }
    }
  }

  @Test("a normalisation held by itself does not move while its own convolution and the layers before it train")
  func heldAlone() throws {
    for network in ConvolutionalCase.normalized {
      let model = try network.model(seed: 7)
      for norm in ReferenceConvolutions(network.text, model).norms {
        var held = model
        for (index, slice) in held.parameters.slices.enumerated() where slice.name.hasPrefix("\(norm).") {
          held.isTrainable[index] = false
        }
        var trainer = trainer(held, network, .adam())
        for batch in batches { trainer.step(batch[...]) }
        for slice in model.parameters.slices {
          let isHeld = slice.name.hasPrefix("\(norm).")
          let names = [slice.name]
          #expect((bits(trainer.model, names) == bits(model, names)) == isHeld, "\(slice.name), \(norm) held")
        }
      }
    }
  }

  @Test(
    "training behind cached features has the bits of training on pixels, from any layer on",
    arguments: ConvolutionalCase.all)
  func cachedFeatures(network: ConvolutionalCase) throws {
    let layers = try network.model(seed: 8).layers.count
    for count in 1..<layers {
      var model = try network.model(seed: 8)
      model.freeze(first: count)
      #expect(model.frozenPrefix == count)
      let inputs = network.rows(12, seed: 3).inputs(sparse: true)
      var plain = trainer(model, network)
      var cached = PlainTrainer(
        model, on: .dense(model.features(of: inputs, through: count)), network.labels(12), startingAt: count,
        rule: .sgd(momentum: 0.9), learningRate: 0.02, weightDecay: 0.05, capacity: 6)
      for batch in batches + batches { #expect(plain.step(batch[...]) == cached.step(batch[...])) }
      #expect(mismatchInBits(cached.model.allValues, plain.model.allValues) == nil, "\(count) held")
      #expect(cached.model != model)
    }
  }

  // MARK: Weights of two models

  private let carried = ConvolutionalCase("cnn:5c3b-7c2b-6b-5", 1, 5, 6)

  @Test("copied layers bring their running statistics, all else stays as it was", arguments: 0...5)
  func copyLayers(count: Int) throws {
    let (own, other) = (try carried.model(seed: 1), try carried.model(seed: 2))
    var copy = own
    copy.freeze(first: 1)
    let mask = copy.isTrainable
    copy.copyLayers(first: count, of: other)
    for (index, layer) in own.layers.enumerated() {
      let names = layer.allSlices.map(\.name)
      #expect(bits(copy, names) == bits(index < count ? other : own, names))
      #expect(names.allSatisfy { bits(own, [$0]) != bits(other, [$0]) })
    }
    #expect(copy.isTrainable == mask && copy.padding.allSatisfy { $0 == 0 })
  }

  @Test("a new head leaves the body's running statistics and its mask; statistics never train")
  func replacingHead() throws {
    var old = try carried.model(seed: 3)
    old.freeze(first: 2)
    let new = old.replacingHead(classCount: 7, seed: 9, keeping: [(old: 1, new: 6)])
    for slice in old.bodySlices { #expect(bits(new, [slice.name]) == bits(old, [slice.name]), "\(slice.name)") }
    #expect(new.values("fc3.weight")[6 * 5..<7 * 5] == old.values("fc3.weight")[1 * 5..<2 * 5])
    #expect(new.bodySlices.map(new.trains) == old.bodySlices.map(old.trains))
    #expect(new.padding.allSatisfy { $0 == 0 })
  }

  @Test("kept outputs of a head behind maps keep their weights")
  func keptOutputsBehindMaps() throws {
    let network = ConvolutionalCase("cnn:5c3p1-a2", 3, 6, 5)
    let old = try network.model(seed: 1)
    let new = old.replacingHead(classCount: 2, seed: 4, keeping: [(old: 3, new: 0)])
    let width = 5 * 3 * 2
    #expect(new.values("fc1.weight").prefix(width) == old.values("fc1.weight")[3 * width..<4 * width])
    #expect(new.values("fc1.bias")[0] == old.values("fc1.bias")[3])
    let inputs = network.rows(4, seed: 2).inputs(sparse: true)
    #expect(new.logits(of: inputs).map { $0[0] } == old.logits(of: inputs).map { $0[3] })
  }

  @Test("under another's head a body brings its running statistics")
  func attachingHead() throws {
    let (body, head) = (try carried.model(seed: 1), try carried.model(seed: 2))
    let joined = body.attachingHead(of: head)
    for slice in joined.parameters.slices {
      let isHead = slice.name.hasPrefix("fc3.")
      #expect(bits(joined, [slice.name]) == bits(isHead ? head : body, [slice.name]), "\(slice.name)")
    }
    let inputs = carried.rows(6, seed: 4).inputs(sparse: true)
    #expect(joined.features(of: inputs, through: 4) == body.features(of: inputs, through: 4))
  }

  @Test("masks: the head alone, all but the first layers, biases and shifts, and back; never a running statistic")
  func masks() throws {
    var model = try carried.model(seed: 1)
    func training() -> [String] { model.parameters.slices.filter(model.trains).map(\.name) }
    let learned = model.parameters.slices.filter { !$0.isStatistic }.map(\.name)
    model.freezeBody()
    #expect(training() == ["fc3.weight", "fc3.bias"] && model.frozenPrefix == 4)
    model.freeze(first: 2)
    #expect(
      training() == ["fc1.weight", "bn3.weight", "bn3.bias", "fc2.weight", "fc2.bias", "fc3.weight", "fc3.bias"]
        && model.frozenPrefix == 2)
    model.freezeBodyWeights()
    #expect(training() == ["bn1.bias", "bn2.bias", "bn3.bias", "fc2.bias", "fc3.weight", "fc3.bias"])
    #expect(model.frozenPrefix == 0)
    model.alsoFreeze(first: 1)
    #expect(training() == ["bn2.bias", "bn3.bias", "fc2.bias", "fc3.weight", "fc3.bias"] && model.frozenPrefix == 1)
    model.unfreeze()
    #expect(training() == learned && model.frozenPrefix == 0)
    #expect(model.distancesFromHead == [4, 4, 4, 4, 4, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 1, 1, 0, 0])
    #expect(model.bodySlices.count == 17 && (model.bodySlices + model.headSlices) == model.parameters.slices)
  }

  /// A running statistic is a part of what a prefix computes.
  @Test("prefixes are the same where their running statistics are")
  func sharedPrefix() throws {
    var one = try carried.model(seed: 1)
    one.freeze(first: 2)
    var other = one
    #expect(one.sharesFrozenPrefix(with: other))
    for name in ["bn3.running_mean", "bn2.running_var"] {
      let slice = try #require(other.parameters.slice(named: name))
      other.parameters.setValues(of: slice, to: other.parameters.values(of: slice).map { $0 + 1 })
      #expect(one.sharesFrozenPrefix(with: other) == (name == "bn3.running_mean"))
    }
  }

  @Test("pulling towards an anchor or towards zero moves gains and shifts like weights, and no running statistic")
  func pull() throws {
    let (model, anchor) = (try carried.model(seed: 1), try carried.model(seed: 2).parameters)
    let inputs = carried.rows(6, seed: 4).inputs(sparse: true)
    for anchor in [anchor, nil] {
      var copy = model
      var workspace = Workspace(for: model, inputs: inputs, capacity: 6)
      var buffer = GradientBuffer(for: model.parameters)
      let batch = Batch(inputs: inputs, rows: Array(0..<6)[...], labels: carried.labels(6)[...])
      copy.forward(batch, mode: .plainTraining, in: &workspace)
      _ = SoftmaxCrossEntropy()(labels: batch.labels, in: &workspace)
      copy.backward(batch, in: &workspace, into: &buffer)
      let before = buffer.sum
      buffer.addPull(of: model.parameters.slices, in: copy.parameters, towards: anchor, strength: 2)
      for slice in model.parameters.slices {
        for place in 0..<slice.count where slice.shape.count == 1 {
          let index = slice.layout.index(0, place)
          let pull = 2 * (model.parameters.block[index] - (anchor?.block[index] ?? 0))
          #expect(buffer.sum[index] == (slice.isStatistic ? 0 : before[index] + pull), "\(slice.name)")
        }
      }
    }
  }

  // MARK: One number a channel

  /// PyTorch refuses such a batch. Its deviation would be zero, and all that the layer says the same for every image.
  @Test(
    "a batch of one image is normalised by the running statistics where there is one number of it, and moves none of them"
  )
  func oneNumber() throws {
    let network = ConvolutionalCase("cnn:5c3b-p2-6b", 1, 4, 4)
    let model = try network.model(seed: 1)
    for path in PlainTrainer.Path.allCases {
      var trainer = trainer(model, network, .adam(), path)
      trainer.step([2])
      let linear = ["bn2.running_mean", "bn2.running_var"]
      #expect(bits(trainer.model, linear) == bits(model, linear))
      // Four positions are enough.
      #expect(trainer.model.values("bn1.running_mean") != model.values("bn1.running_mean"))
      #expect(trainer.model.values("bn2.weight") != model.values("bn2.weight"))
      #expect(trainer.model.allValues.allSatisfy { $0.isFinite })
      trainer.step([2, 3])
      for name in linear { #expect(trainer.model.values(name) != model.values(name)) }
    }
    var reference = ReferenceConvolutions(network.text, model)
    reference.usingBatch = ["bn1"]
    let rows = network.rows(1, seed: 5)
    let (_, gradients) = model.gradients(of: rows.inputs(sparse: true), [1], mode: .plainTraining)
    for (name, found) in gradients {
      let places = Array(found.indices.prefix(30))
      let expected = reference.numericGradient(of: name, at: places, rows.values, [1])
      #expect(mismatch(places.map { found[$0] }, expected, within: 2e-6) == nil, "\(name)")
    }
  }

  @Test(
    "before a training begins such batches are an error of one line, unless the layer is held",
    arguments: [
      ("cnn:4c3b-a", 1, 20, nil), ("cnn:4c3b-a-8b", 8, 16, nil), ("cnn:4c3b-a-8b", 8, 18, nil),
      ("cnn:4c3-8", 1, 1, nil),
      ("cnn:4c3b-a-8b", 8, 17, "17 images in batches of 8 leave a last batch of one image"),
      ("cnn:4c3b-a-8b", 1, 20, "batches of one image"), ("cnn:4c3b-a-8b", 64, 1, "batches of one image"),
    ] as [(String, Int, Int, String?)])
  func batchesOfOne(text: String, size: Int, images: Int, problem: String?) throws {
    var model = try Model(text, on: ImageShape(height: 6, width: 6), classCount: 3, seed: 1)
    guard let problem else { return try model.checkBatches(of: size, images: images) }
    let error = try #require(throws: GraftFailure.self) { try model.checkBatches(of: size, images: images) }
    #expect(error.kind == .usage && error.description.contains(problem) && error.description.hasPrefix("fc1 "))
    #expect(error.remedy == .otherBatchSize)
    model.freezeBody()
    try model.checkBatches(of: size, images: images)
  }
}
