import GraftFiles
import GraftMatrices
import GraftNetworks
import NumericChecks
import Testing

@Suite struct FreezingTests {
  private let images = PatternImages(perClass: 8, classes: 4, seed: 1)
  private var inputs: InputRows { Normalization.unit.rows(images.pixels, columns: images.columns) }
  private var labels: [Int] { images.labels }

  private func model(_ units: [Int]) -> Model { Model(units: units, inputs: images.columns, classCount: 4, seed: 2) }

  private func bits(_ model: Model, _ prefix: String) -> [UInt32] {
    model.parameters.slices.filter { $0.name.hasPrefix(prefix) }
      .flatMap { model.parameters.values(of: $0).map(\.bitPattern) }
  }

  private func trainer(_ model: Model, _ rule: Optimizer.Rule, _ path: PlainTrainer.Path = .fused) -> PlainTrainer {
    PlainTrainer(
      model, on: inputs, labels, rule: rule, learningRate: 0.05, weightDecay: 0.01, capacity: 8, path: path)
  }

  @Test(
    "a frozen body stays bit-identical under momentum and weight decay while the loss falls and the head moves",
    arguments: [
      Optimizer.Rule.sgd(momentum: 0.9), .sgd(momentum: 0.9, nesterov: true), .adam(), .adam(decoupled: true),
    ],
    PlainTrainer.Path.allCases)
  func frozenBody(rule: Optimizer.Rule, path: PlainTrainer.Path) {
    let order = Array(labels.indices)
    var trainer = trainer(model([17]), rule, path)
    // The optimizer has momentum for the body when it is frozen.
    _ = trainer.pass(over: order, batchSize: 8)
    trainer.model.freezeBody()
    let before = trainer.model
    let losses = (0..<10).map { _ in trainer.pass(over: order, batchSize: 8) }
    #expect(losses[9] < 0.9 * losses[0])
    #expect(bits(trainer.model, "fc1") == bits(before, "fc1"))
    #expect(bits(trainer.model, "fc2.weight") != bits(before, "fc2.weight"))
    #expect(bits(trainer.model, "fc2.bias") != bits(before, "fc2.bias"))
    trainer.model.unfreeze()
    trainer.step(order[0..<8])
    #expect(bits(trainer.model, "fc1.weight") != bits(before, "fc1.weight"))
    #expect(bits(trainer.model, "fc1.bias") != bits(before, "fc1.bias"))
  }

  @Test("frozen layers get no gradient")
  func noGradient() {
    var model = model([9, 7])
    model.freezeBody()
    #expect(Set(model.gradients(of: inputs, labels).byName.keys) == ["fc3.weight", "fc3.bias"])
    model.freeze(first: 1)
    #expect(
      Set(model.gradients(of: inputs, labels).byName.keys) == ["fc2.weight", "fc2.bias", "fc3.weight", "fc3.bias"])
    model.unfreeze()
    #expect(model.gradients(of: inputs, labels).byName.count == 6)
  }

  struct Mask: Sendable {
    let units: [Int]
    let frozen: Int
    let prefix: Int
    let training: [String]
  }

  @Test(
    "freezing the first layers decides what trains and how long the frozen prefix is",
    arguments: [
      Mask(units: [], frozen: 0, prefix: 0, training: ["fc1"]), Mask(units: [], frozen: 1, prefix: 1, training: []),
      Mask(units: [5], frozen: 0, prefix: 0, training: ["fc1", "fc2"]),
      Mask(units: [5], frozen: 1, prefix: 1, training: ["fc2"]), Mask(units: [5], frozen: 2, prefix: 2, training: []),
      Mask(units: [5, 6], frozen: 1, prefix: 1, training: ["fc2", "fc3"]),
      Mask(units: [5, 6], frozen: 2, prefix: 2, training: ["fc3"]),
      Mask(units: [5, 6], frozen: 9, prefix: 3, training: []),
    ])
  func firstLayers(mask: Mask) {
    var model = model(mask.units)
    #expect(model.frozenPrefix == 0 && model.layers.count == mask.units.count + 1)
    model.freeze(first: mask.frozen)
    #expect(model.frozenPrefix == mask.prefix)
    let training = model.parameters.slices.filter(model.trains).map(\.name)
    #expect(training == mask.training.flatMap { ["\($0).weight", "\($0).bias"] })
    #expect(model.isTrainable == model.parameters.slices.map(model.trains))
    model.unfreeze()
    #expect(model.isTrainable.allSatisfy { $0 })
  }

  /// Only a checkpoint can name single tensors so far.
  @Test("any tensor may be held by itself", arguments: [["fc1.bias"], ["fc1.weight", "fc2.bias"], ["fc2.weight"]])
  func singleTensors(names: [String]) throws {
    let checkpoint = Checkpoint(
      model: model([7]), normalization: .unit,
      outputs: ClassOutputs(.compact, choosing: [0, 1, 2, 3], of: ["a", "b", "c", "d"]),
      record: JSON.Object())
    var file = try Safetensors(decoding: checkpoint.encoded())
    let place = try #require(file.metadata.firstIndex { $0.key == "graft.frozen" })
    file.metadata[place].value = JSON.array(names.map(JSON.string)).text()
    let held = try Checkpoint(decoding: file.encoded()).model
    #expect(held.frozenPrefix == 0 && Set(held.parameters.slices.filter { !held.trains($0) }.map(\.name)) == Set(names))
    var trainer = trainer(held, .sgd(momentum: 0.9))
    _ = trainer.pass(over: Array(labels.indices), batchSize: 8)
    for slice in held.parameters.slices {
      #expect(
        (bits(trainer.model, slice.name) == bits(held, slice.name)) == names.contains(slice.name), "\(slice.name)")
    }
  }

  @Test("freezing the body of softmax regression freezes nothing: all of it is head")
  func softmaxHasNoBody() {
    var model = model([])
    model.freezeBody()
    #expect(model.isTrainable == [true, true] && model.frozenPrefix == 0)
  }

  @Test("a new head keeps the body's bits and mask, and is drawn from its own seed")
  func replacingHead() {
    var old = model([6, 5])
    old.freeze(first: 1)
    let new = old.replacingHead(classCount: 3, seed: 9)
    #expect(new.classCount == 3 && new.values("fc3.weight").count == 15 && new.values("fc3.bias").count == 3)
    #expect(bits(new, "fc1") == bits(old, "fc1") && bits(new, "fc2") == bits(old, "fc2"))
    #expect(new.isTrainable == [false, false, true, true, true, true])
    #expect(new == old.replacingHead(classCount: 3, seed: 9))
    #expect(bits(new, "fc3") != bits(old.replacingHead(classCount: 3, seed: 10), "fc3"))
    #expect(bits(old.replacingHead(classCount: 4, seed: 2), "fc3") == bits(model([6, 5]), "fc3"))
  }

  @Test("a head that was frozen trains again when it is new")
  func replacedHeadTrains() {
    var old = model([6])
    old.freeze(first: 2)
    #expect(old.replacingHead(classCount: 4, seed: 1).isTrainable == [false, false, true, true])
  }

  @Test("training behind cached features has the bits of training on pixels", arguments: [1, 2])
  func cachedFeatures(frozen: Int) {
    let order = Array(labels.indices.reversed())
    var model = model([18, 7])
    model.freeze(first: frozen)
    let prefix = model.frozenPrefix
    let features = InputRows.dense(model.features(of: inputs, through: prefix))
    var plain = trainer(model, .sgd(momentum: 0.9))
    var cached = PlainTrainer(
      model, on: features, labels, startingAt: prefix, rule: .sgd(momentum: 0.9), learningRate: 0.05, weightDecay: 0.01,
      capacity: 8)
    for _ in 0..<3 {
      let losses = (plain.pass(over: order, batchSize: 8), cached.pass(over: order, batchSize: 8))
      #expect(losses.0 == losses.1)
    }
    #expect(mismatchInBits(cached.model.allValues, plain.model.allValues) == nil)
  }

  // MARK: Methods' masks

  @Test(
    "holding the body's weights leaves the biases and the head",
    arguments: [
      ([], ["fc1.weight", "fc1.bias"]), ([5], ["fc1.bias", "fc2.weight", "fc2.bias"]),
      ([5, 6], ["fc1.bias", "fc2.bias", "fc3.weight", "fc3.bias"]),
    ] as [([Int], [String])])
  func bodyWeights(units: [Int], training: [String]) {
    var model = model(units)
    model.freeze(first: 9)
    model.freezeBodyWeights()
    #expect(model.parameters.slices.filter(model.trains).map(\.name) == training)
    // The first bias trains, so no prefix can be computed once.
    #expect(model.frozenPrefix == 0)
  }

  @Test("layers held on top of others: what is held stays held")
  func alsoFreeze() {
    var model = model([5, 6])
    model.freezeBodyWeights()
    model.alsoFreeze(first: 0)
    #expect(model.isTrainable == [false, true, false, true, true, true])
    model.alsoFreeze(first: 1)
    #expect(model.isTrainable == [false, false, false, true, true, true])
    model.freezeBody()
    model.alsoFreeze(first: 1)
    #expect(model.isTrainable == [false, false, false, false, true, true])
    model.alsoFreeze(first: 3)
    #expect(model.isTrainable == [Bool](repeating: false, count: 6))
  }

  @Test(
    "each slice's distance from the head, and which slices are body",
    arguments: [([], [0, 0]), ([5], [1, 1, 0, 0]), ([5, 6, 7], [3, 3, 2, 2, 1, 1, 0, 0])] as [([Int], [Int])])
  func distances(units: [Int], distances: [Int]) {
    let model = model(units)
    #expect(model.distancesFromHead == distances)
    let names = (0..<units.count).flatMap { ["fc\($0 + 1).weight", "fc\($0 + 1).bias"] }
    #expect(model.bodySlices.map(\.name) == names)
    #expect((model.bodySlices + model.headSlices) == model.parameters.slices)
  }

  @Test("outputs that are kept have the old weights and bias, the others those of a fresh head")
  func keptOutputs() {
    let old = model([6])
    let fresh = old.replacingHead(classCount: 5, seed: 9)
    let new = old.replacingHead(classCount: 5, seed: 9, keeping: [(old: 3, new: 0), (old: 1, new: 4)])
    let from = [3: 0, 1: 4]
    func row(_ model: Model, _ output: Int) -> [UInt32] {
      let weights = model.values("fc2.weight")[output * 6..<(output + 1) * 6]
      return (weights + [model.values("fc2.bias")[output]]).map(\.bitPattern)
    }
    for (output, place) in from { #expect(row(new, place) == row(old, output)) }
    for output in [1, 2, 3] { #expect(row(new, output) == row(fresh, output)) }
    for output in 0..<5 { #expect(row(fresh, output) != row(old, min(output, 3))) }
    #expect(bits(new, "fc1") == bits(old, "fc1") && new.padding.allSatisfy { $0 == 0 })
    #expect(old.replacingHead(classCount: 5, seed: 9, keeping: []) == fresh)
  }

  // MARK: Weights of two models

  private func other(_ units: [Int], classCount: Int = 4) -> Model {
    Model(units: units, inputs: images.columns, classCount: classCount, seed: 77)
  }

  @Test("copied layers have the other's weights and biases, all else stays as it was", arguments: 0...3)
  func copyLayers(count: Int) {
    let (own, other) = (model([6, 5]), other([6, 5]))
    var copy = own
    copy.freeze(first: 1)
    copy.copyLayers(first: count, of: other)
    for layer in 1...3 {
      #expect(bits(copy, "fc\(layer)") == bits(layer <= count ? other : own, "fc\(layer)"))
      #expect(bits(own, "fc\(layer)") != bits(other, "fc\(layer)"))
    }
    #expect(copy.isTrainable == [false, false, true, true, true, true] && copy.padding.allSatisfy { $0 == 0 })
  }

  @Test("layers are copied from a model with another head")
  func copyBelowAnotherHead() {
    let (own, other) = (model([6, 5]), other([6, 5], classCount: 7))
    var copy = own
    copy.copyLayers(first: 2, of: other)
    #expect(bits(copy, "fc1") == bits(other, "fc1") && bits(copy, "fc2") == bits(other, "fc2"))
    #expect(bits(copy, "fc3") == bits(own, "fc3") && copy.classCount == 4)
  }

  @Test("under another's head a body answers that one's classes", arguments: [[6], [6, 5]] as [[Int]])
  func attachingHead(units: [Int]) {
    var (body, head) = (model(units), other(units, classCount: 7))
    body.freezeBody()
    head.freeze(first: 1)
    let joined = body.attachingHead(of: head)
    #expect(joined.classCount == 7 && joined.isTrainable == head.isTrainable)
    for slice in joined.bodySlices { #expect(bits(joined, slice.name) == bits(body, slice.name)) }
    for slice in joined.headSlices { #expect(bits(joined, slice.name) == bits(head, slice.name)) }
    // The features are the one's, what is made of them the other's.
    let features = body.features(of: inputs, through: units.count)
    #expect(joined.features(of: inputs, through: units.count) == features)
    #expect(body.attachingHead(of: body) == body && head.attachingHead(of: head) == head)
    #expect(joined.attachingHead(of: body).parameters == body.parameters)
    #expect(joined.padding.allSatisfy { $0 == 0 })
  }

  @Test("a model that is all head becomes the other")
  func attachingAll() {
    #expect(model([]).attachingHead(of: other([], classCount: 7)) == other([], classCount: 7))
  }

  @Test("features: rectified, layer by layer; a head's are what it reads, pixels where there is no body")
  func hiddenFeatures() {
    let model = model([6, 5])
    for (layer, units) in [(1, 6), (2, 5)] {
      let found = model.hiddenFeatures(of: inputs, layer: layer)
      #expect(found.rows == inputs.count && found.columns == units)
      #expect(found.nested.allSatisfy { $0.allSatisfy { $0 >= 0 } })
      #expect(found == model.features(of: inputs, through: layer))
    }
    #expect(model.bodyFeatures(of: inputs) == model.hiddenFeatures(of: inputs, layer: 2))
    #expect(.dense(self.model([]).bodyFeatures(of: inputs)) == inputs.dense)
  }

  @Test("softmax regression is all head: an output that is kept keeps its pixels' weights")
  func keptPixels() {
    let old = model([])
    let new = old.replacingHead(classCount: 2, seed: 9, keeping: [(old: 2, new: 1)])
    #expect(new.values("fc1.weight").suffix(36) == old.values("fc1.weight")[72..<108])
    #expect(new.values("fc1.bias")[1] == old.values("fc1.bias")[2])
    #expect(
      new.values("fc1.weight").prefix(36) == old.replacingHead(classCount: 2, seed: 9).values("fc1.weight").prefix(36))
  }
}
