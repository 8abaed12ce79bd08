import GraftMatrices
import GraftNetworks
import NumericChecks
import Testing

/// Five epochs of small networks in PyTorch, batch for batch.
private struct TrainingCases: Decodable {
  struct Network: Decodable {
    let layers: [Int]
    let parameters: [String: [Float]]
  }
  struct Case: Decodable {
    let name: String
    let network: String
    let optimizer: String
    let frozen: [String]
    let learningRate: Double
    let momentum: Double
    let weightDecay: Double
    let losses: [Double]
    let firstLoss: Double?
    let firstGradients: [String: [Float]]?
    let afterEpoch1: [String: [Float]]
    let afterEpoch5: [String: [Float]]
    let logits: [[Float]]
  }
  let pixels: [[UInt8]]
  let labels: [Int]
  let batchSize: Int
  let epochs: [[Int]]
  let networks: [String: Network]
  let cases: [Case]
}

@Suite struct TrainingGoldenTests {
  static let names = ["sgd", "adam", "frozen", "softmax", "deep"]

  private struct Setup {
    let golden: TrainingCases
    let known: TrainingCases.Case
    let inputs: InputRows
    var trainer: PlainTrainer
  }

  private func setup(_ name: String, _ path: PlainTrainer.Path, sparse: Bool) throws -> Setup {
    let golden = try Golden.load(TrainingCases.self, from: "training")
    #expect(golden.cases.map(\.name) == TrainingGoldenTests.names)
    let known = try #require(golden.cases.first { $0.name == name })
    let network = try #require(golden.networks[known.network])
    var model = Model(
      units: Array(network.layers.dropFirst().dropLast()), inputs: network.layers[0],
      classCount: try #require(network.layers.last), seed: 0)
    #expect(Set(model.parameters.slices.map(\.name)) == Set(network.parameters.keys))
    for slice in model.parameters.slices {
      model.parameters.setValues(of: slice, to: try #require(network.parameters[slice.name]))
    }
    #expect(known.frozen == Array(["fc1"].prefix(known.frozen.count)))
    model.freeze(first: known.frozen.count)
    let table = Normalization.unit.tables
    let inputs = RandomRows(golden.pixels.map { $0.map { table[Int($0)] } }).inputs(sparse: sparse)
    let rule: Optimizer.Rule = known.optimizer == "adam" ? .adam() : .sgd(momentum: known.momentum)
    let trainer = PlainTrainer(
      model, on: inputs, golden.labels, rule: rule, learningRate: known.learningRate, weightDecay: known.weightDecay,
      capacity: golden.batchSize, path: path)
    return Setup(golden: golden, known: known, inputs: inputs, trainer: trainer)
  }

  private func expect(_ model: Model, _ expected: [String: [Float]], _ when: String) {
    #expect(expected.count == model.parameters.slices.count)
    for (name, values) in expected {
      #expect(mismatch(model.values(name), values, within: 2e-6) == nil, "\(name), \(when)")
    }
  }

  struct Way: Sendable, CustomTestStringConvertible {
    let path: PlainTrainer.Path
    let sparse: Bool
    var testDescription: String { "\(path.rawValue), \(sparse ? "sparse" : "dense")" }
    static let all = PlainTrainer.Path.allCases.flatMap { path in [true, false].map { Way(path: path, sparse: $0) } }
  }

  @Test("five epochs have PyTorch's losses, weights and logits", arguments: names, Way.all)
  func fiveEpochs(name: String, way: Way) throws {
    var setup = try setup(name, way.path, sparse: way.sparse)
    #expect(setup.golden.epochs.count == 5)
    var losses: [Double] = []
    for (index, order) in setup.golden.epochs.enumerated() {
      losses.append(setup.trainer.pass(over: order, batchSize: setup.golden.batchSize))
      if index == 0 { expect(setup.trainer.model, setup.known.afterEpoch1, "epoch 1") }
    }
    expect(setup.trainer.model, setup.known.afterEpoch5, "epoch 5")
    #expect(mismatch(losses, setup.known.losses, within: 1e-6) == nil)
    let logits = setup.trainer.model.logits(of: setup.inputs)
    #expect(mismatch(logits.flatMap { $0 }, setup.known.logits.flatMap { $0 }, within: 5e-6) == nil)
    #expect(setup.trainer.model.padding.allSatisfy { $0 == 0 })
  }

  @Test("the first batch has PyTorch's loss and gradients", arguments: ["sgd", "deep"], [true, false])
  func firstGradients(name: String, sparse: Bool) throws {
    let setup = try setup(name, .buffered, sparse: sparse)
    let rows = Array(setup.golden.epochs[0].prefix(setup.golden.batchSize))
    let table = Normalization.unit.tables
    let batch = RandomRows(rows.map { setup.golden.pixels[$0].map { table[Int($0)] } }).inputs(sparse: sparse)
    let (loss, gradients) = setup.trainer.model.gradients(of: batch, rows.map { setup.golden.labels[$0] })
    #expect(mismatch([loss], [try #require(setup.known.firstLoss)], within: 1e-6) == nil)
    let expected = try #require(setup.known.firstGradients)
    #expect(Set(gradients.keys) == Set(expected.keys))
    for (name, values) in expected { #expect(mismatch(gradients[name] ?? [], values, within: 1e-7) == nil, "\(name)") }
  }

  @Test("both paths to the weights give the same bits", arguments: names, [true, false])
  func pathsAgree(name: String, sparse: Bool) throws {
    let models = try PlainTrainer.Path.allCases.map { path in
      var setup = try setup(name, path, sparse: sparse)
      for order in setup.golden.epochs { _ = setup.trainer.pass(over: order, batchSize: setup.golden.batchSize) }
      return setup.trainer.model
    }
    #expect(models.count == 2 && mismatchInBits(models[0].allValues, models[1].allValues) == nil)
  }
}
