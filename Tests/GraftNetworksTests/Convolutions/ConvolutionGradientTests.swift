import GraftKernelCalls
import GraftMatrices
import GraftNetworks
import NumericChecks
import Testing

/// Gradients of convolutional networks against finite differences of the same networks in Double.
@Suite struct ConvolutionGradientTests {
  private let examples = 4

  /// Some places of a parameter, all over it: as many as take a moment.
  private func places(_ count: Int, _ model: Model) -> [Int] {
    let cost = examples * model.layers.reduce(0) { $0 + $1.multiplyAdds }
    let most = min(max(3_000_000 / cost, 5), 40)
    return count <= most ? Array(0..<count) : (0..<most).map { ($0 * count + count / 2) / most }
  }

  @Test("every gradient is the slope of the loss", arguments: ConvolutionalCase.all, [true, false])
  func gradients(network: ConvolutionalCase, sparse: Bool) throws {
    let (model, reference, rows, labels) = try network.smooth(examples: examples, usingBatch: true)
    let (loss, gradients) = model.gradients(of: rows.inputs(sparse: sparse), labels, mode: .plainTraining)
    #expect(mismatch([loss], [reference.loss(rows.values, labels)], within: 1e-6) == nil)
    let learned = model.parameters.slices.filter { !$0.isStatistic }
    #expect(Set(gradients.keys) == Set(learned.map(\.name)))
    for slice in learned {
      let found = gradients[slice.name] ?? []
      let places = places(slice.count, model)
      let expected = reference.numericGradient(of: slice.name, at: places, rows.values, labels)
      #expect(
        found.count == slice.count
          && mismatch(places.map { found[$0] }, expected, within: 2e-6) == nil, "\(slice.name)")
      #expect(found.contains { $0 != 0 }, "\(slice.name)")
    }
  }

  @Test(
    "with units and pixels of pooled maps dropped every gradient is the slope of the thinned network's loss",
    arguments: ConvolutionalCase.all.filter { $0.text.dropFirst(4).contains("-") }, [0.25, 0.6])
  func dropped(network: ConvolutionalCase, share: Double) throws {
    var (model, reference, rows, labels) = try network.smooth(examples: examples, usingBatch: true)
    // Behind others that are dropped, units move to other places, maybe to their kinks.
    let keys = (0..<40).map { RandomKey(seed: 12, purpose: .dropout, index: $0) }
    let key = try #require(
      keys.first { key in
        reference.factors = factors(model, share, key)
        return reference(rows.values).distanceFromKinks > 1e-6
      })
    if network.text.contains("-p") || network.text.contains("-a") || network.text.hasSuffix("b") {
      #expect(reference.factors.values.joined().joined().contains { $0 != 1 })
    }
    for threads in [1, 2] {
      let (loss, gradients) = model.gradients(
        of: rows.inputs(sparse: true), labels, mode: .training(key, Dropout(share, maps: share)),
        team: Team(size: threads, smallestPart: 1))
      #expect(mismatch([loss], [reference.loss(rows.values, labels)], within: 1e-6) == nil)
      for (name, found) in gradients {
        let places = places(found.count, model)
        let expected = reference.numericGradient(of: name, at: places, rows.values, labels)
        #expect(mismatch(places.map { found[$0] }, expected, within: 2e-6) == nil, "\(name)")
      }
    }
  }

  /// What the outputs of each layer are multiplied by: of pooled maps and of hidden units, normalised ones too.
  private func factors(_ model: Model, _ share: Double, _ key: RandomKey) -> [Int: [[Double]]] {
    let threshold = (256 * share).rounded()
    var factors: [Int: [[Double]]] = [:]
    for (place, layer) in model.layers.enumerated() {
      let isHiddenLinear = if case .linear = layer.weights { layer.isRectified } else { false }
      guard isHiddenLinear || layer.pooling != nil else { continue }
      let layout = layer.outputLayout
      var ones = Matrix((0..<examples).map { _ in [Float](repeating: 1, count: layout.count) })
      ones.dropOut(
        images: Array(0..<examples)[...], layout, layer: place, key: key, threshold: UInt8(threshold),
        scale: Float(256 / (256 - threshold)))
      factors[place] = ones.nested.map { row in layout.places.map { Double(row[$0]) } }
    }
    return factors
  }

  /// A held normalisation is a constant scale: the slope is another one than with the batch's statistics.
  @Test(
    "behind, before and between held normalisations gradients are slopes too",
    arguments: ConvolutionalCase.normalized)
  func heldNorms(network: ConvolutionalCase) throws {
    for held in ["bn1", "bn2", "bn3"] {
      var (model, reference, rows, labels) = try network.smooth(
        examples: examples, usingBatch: true, butNot: held)
      guard reference.norms.contains(held) else { continue }
      // Held alone, while all that comes before and after trains.
      for (index, slice) in model.parameters.slices.enumerated() where slice.name.hasPrefix("\(held).") {
        model.isTrainable[index] = false
      }
      let (loss, gradients) = model.gradients(of: rows.inputs(sparse: true), labels, mode: .plainTraining)
      #expect(mismatch([loss], [reference.loss(rows.values, labels)], within: 1e-6) == nil)
      #expect(gradients["\(held).weight"] == nil && gradients["\(held).bias"] == nil)
      for (name, found) in gradients {
        let places = places(found.count, model)
        let expected = reference.numericGradient(of: name, at: places, rows.values, labels)
        #expect(mismatch(places.map { found[$0] }, expected, within: 2e-6) == nil, "\(held) held: \(name)")
      }
    }
  }

  @Test("a workspace keeps nothing of a batch that the next one could feel", arguments: ConvolutionalCase.all)
  func leftovers(network: ConvolutionalCase) throws {
    let inputs = network.rows(9, seed: 3).inputs(sparse: true)
    func trainer(_ model: Model, _ capacity: Int) -> PlainTrainer {
      PlainTrainer(
        model, on: inputs, network.labels(9), rule: .sgd(momentum: 0.9), learningRate: 0.05, capacity: capacity)
    }
    var used = trainer(try network.model(seed: 2), 9)
    used.step([0, 1, 2, 3, 4, 5, 6, 7, 8])
    used.step([2, 3])
    var fresh = trainer(try network.model(seed: 2), 9)
    fresh.step([0, 1, 2, 3, 4, 5, 6, 7, 8])
    fresh.workspace = trainer(used.model, 2).workspace
    fresh.step([2, 3])
    #expect(mismatchInBits(used.model.allValues, fresh.model.allValues) == nil)
  }

  @Test(
    "both paths to the weights give the same bits, and the padding stays zero",
    arguments: ConvolutionalCase.all,
    [Optimizer.Rule.sgd(momentum: 0.9), .sgd(momentum: 0.9, nesterov: true), .adam(), .adam(decoupled: true)])
  func paths(network: ConvolutionalCase, rule: Optimizer.Rule) throws {
    for sparse in [true, false] {
      let trainers = try PlainTrainer.Path.allCases.map { path in
        var trainer = PlainTrainer(
          try network.model(seed: 4), on: network.rows(6, seed: 5).inputs(sparse: sparse), network.labels(6),
          rule: rule, learningRate: 0.02, weightDecay: 0.01, capacity: 6, path: path)
        for step in 0..<6 { trainer.step(Array(0..<6 - step % 3)[...]) }
        return trainer
      }
      let values = trainers.map(\.model.allValues)
      #expect(values[0].allSatisfy { $0.isFinite })
      #expect(mismatchInBits(values[0], values[1]) == nil)
      #expect(trainers[0].optimizer.state == trainers[1].optimizer.state)
      for trainer in trainers {
        #expect(trainer.model.padding.allSatisfy { $0 == 0 })
        // The network that trains and the one that a checkpoint would hold are the same.
        let rows = network.rows(6, seed: 5)
        let expected = ReferenceConvolutions(network.text, trainer.model)(rows.values).logits
        let found = trainer.model.logits(of: rows.inputs(sparse: sparse))
        #expect(mismatch(found.flatMap { $0 }, expected.flatMap { $0 }, within: 3e-5) == nil)
      }
    }
  }

  @Test("a step copies no block of memory", arguments: ConvolutionalCase.all)
  func noCopies(network: ConvolutionalCase) throws {
    for path in PlainTrainer.Path.allCases {
      var trainer = PlainTrainer(
        try network.model(seed: 6), on: network.rows(8, seed: 7).inputs(sparse: true), network.labels(8), rule: .adam(),
        learningRate: 0.01, capacity: 8, path: path)
      func addresses() -> [UInt] {
        let state = [trainer.model.parameters.block, trainer.optimizer.state.first, trainer.optimizer.state.second]
        let matrices = [trainer.workspace.input] + trainer.workspace.outputs + trainer.workspace.gradients
        return (state + matrices.map(\.block) + trainer.workspace.mapBlocks + [trainer.buffer.sum]).map(\.address)
      }
      trainer.step([0, 1, 2, 3])
      let before = addresses()
      for _ in 0..<4 { trainer.step([0, 1, 2, 3, 4, 5, 6, 7]) }
      #expect(addresses() == before, "\(path.rawValue)")
    }
  }
}
