import GraftKernelCalls
import GraftMatrices
import GraftNetworks
import NumericChecks
import Testing

/// Convolutional networks in PyTorch: logits, gradients and five steps.
private struct ConvolutionGolden: Decodable {
  struct Training: Decodable {
    let optimizer: String
    let losses: [Double]
    let after: [String: [Float]]
    let logits: [[Float]]
  }
  struct Network: Decodable {
    let model: String
    let shape: [Int]
    let pixels: [[UInt8]]
    let parameters: [String: [Float]]
    let evaluated: [[Float]]
    let firstLogits: [[Float]]
    let firstLoss: Double
    let firstGradients: [String: [Float]]
    let trainings: [Training]
  }
  let labels: [Int]
  let order: [Int]
  let batchSize: Int
  let networks: [Network]
}

@Suite struct ConvolutionGoldenTests {
  static let texts = ["cnn:4c5-p2-6c5-p2-10", "cnn:5c3p1b-p3s2-6c3s2p1b-a2-8b"]

  private struct Setup {
    let golden: ConvolutionGolden
    let known: ConvolutionGolden.Network
    let model: Model
    let inputs: InputRows
  }

  private func setup(_ text: String, sparse: Bool) throws -> Setup {
    let golden = try Golden.load(ConvolutionGolden.self, from: "convolution")
    #expect(golden.networks.map(\.model) == Self.texts)
    let known = try #require(golden.networks.first { $0.model == text })
    let shape = ImageShape(channels: known.shape[0], height: known.shape[1], width: known.shape[2])
    var model = try Model(text, on: shape, classCount: 4, seed: 0)
    #expect(Set(model.parameters.slices.map(\.name)) == Set(known.parameters.keys))
    for slice in model.parameters.slices {
      model.parameters.setValues(of: slice, to: try #require(known.parameters[slice.name]))
    }
    let table = Normalization.unit.tables
    let inputs = RandomRows(known.pixels.map { $0.map { table[Int($0)] } }).inputs(sparse: sparse)
    return Setup(golden: golden, known: known, model: model, inputs: inputs)
  }

  @Test("logits are PyTorch's", arguments: texts, [true, false])
  func logits(text: String, sparse: Bool) throws {
    let setup = try setup(text, sparse: sparse)
    let found = setup.model.logits(of: setup.inputs)
    #expect(mismatch(found.flatMap { $0 }, setup.known.evaluated.flatMap { $0 }, within: 1e-6) == nil)
  }

  @Test("the first batch has PyTorch's logits, loss and gradients", arguments: texts, [true, false])
  func first(text: String, sparse: Bool) throws {
    let setup = try setup(text, sparse: sparse)
    let rows = Array(setup.golden.order.prefix(setup.golden.batchSize))
    let table = Normalization.unit.tables
    let batch = RandomRows(rows.map { setup.known.pixels[$0].map { table[Int($0)] } }).inputs(sparse: sparse)
    let logits = setup.model.logits(of: batch, mode: .plainTraining)
    #expect(mismatch(logits.flatMap { $0 }, setup.known.firstLogits.flatMap { $0 }, within: 1e-6) == nil)
    let (loss, gradients) = setup.model.gradients(
      of: batch, rows.map { setup.golden.labels[$0] }, mode: .plainTraining)
    #expect(mismatch([loss], [setup.known.firstLoss], within: 1e-6) == nil)
    #expect(Set(gradients.keys) == Set(setup.known.firstGradients.keys))
    for (name, values) in setup.known.firstGradients {
      #expect(mismatch(gradients[name] ?? [], values, within: 1e-6) == nil, "\(name)")
    }
  }

  @Test(
    "five steps have PyTorch's losses, weights, running statistics and logits", arguments: texts,
    TrainingGoldenTests.Way.all)
  func fiveSteps(text: String, way: TrainingGoldenTests.Way) throws {
    let setup = try setup(text, sparse: way.sparse)
    #expect(setup.known.trainings.map(\.optimizer) == ["sgd", "adam"])
    for known in setup.known.trainings {
      let isAdam = known.optimizer == "adam"
      var trainer = PlainTrainer(
        setup.model, on: setup.inputs, setup.golden.labels, rule: isAdam ? .adam() : .sgd(momentum: 0.9),
        learningRate: isAdam ? 0.005 : 0.05, weightDecay: isAdam ? 0 : 0.01, capacity: setup.golden.batchSize,
        path: way.path)
      let size = setup.golden.batchSize
      let losses = stride(from: 0, to: setup.golden.order.count, by: size).map {
        trainer.step(setup.golden.order[$0..<$0 + size])
      }
      #expect(mismatch(losses, known.losses, within: 2e-6) == nil, "\(known.optimizer)")
      #expect(Set(known.after.keys) == Set(trainer.model.parameters.slices.map(\.name)))
      for (name, values) in known.after {
        #expect(mismatch(trainer.model.values(name), values, within: 3e-6) == nil, "\(known.optimizer): \(name)")
      }
      let logits = trainer.model.logits(of: setup.inputs)
      #expect(mismatch(logits.flatMap { $0 }, known.logits.flatMap { $0 }, within: 5e-6) == nil, "\(known.optimizer)")
      #expect(trainer.model.padding.allSatisfy { $0 == 0 })
    }
  }
}
