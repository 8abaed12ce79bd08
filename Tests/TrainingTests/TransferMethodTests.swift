import Files
import Matrices
import Networks
import NumericChecks
import Testing
import Training

@Suite("Transfer methods")
struct TransferMethodTests {
  private func settings(epochs: Int = 6) -> TrainingSettings {
    TrainingSettings(
      epochs: epochs, batchSize: 8, optimizer: .sgd(momentum: 0.9), learningRate: 0.05, weightDecay: 0.01, seed: 3)
  }

  private func trained(_ plan: TransferPlan) throws -> Model { try plan.run(on: .patterns(40), strength: 0.001) }

  private func bits(_ model: Model, _ name: String) -> [UInt32] {
    model.parameters.slices.filter { $0.name == name }.flatMap { model.parameters.values(of: $0).map(\.bitPattern) }
  }

  @Test("every rule is read by its name, with or without held layers")
  func parsing() throws {
    for rule in TransferMethod.Rule.allCases {
      #expect(try TransferMethod(parsing: rule.rawValue) == TransferMethod(rule))
      #expect(TransferMethod(rule, heldLayers: 2).description == "\(rule.rawValue):2")
    }
    #expect(try TransferMethod(parsing: "fine-tune:1") == TransferMethod(.fineTune, heldLayers: 1))
    for (text, problem) in [
      ("fine-tuning", "did you mean fine-tune?"), ("x", "known are scratch"), ("scratch:1", "holds no layer"),
      ("frozen:x", "'x' is not a number of layers"),
    ] {
      let error = try #require(throws: GraftFailure.self) { _ = try TransferMethod(parsing: text) }
      #expect(error.kind == .usage && error.description.contains(problem), "\(error)")
    }
  }

  struct Case: Sendable {
    let rule: TransferMethod.Rule
    /// Slices that move, of fc1.weight, fc1.bias, fc2.weight, fc2.bias, fc3.weight and fc3.bias.
    let moves: [Bool]
  }

  static let cases = [
    Case(rule: .randomFrozen, moves: [false, false, false, false, true, true]),
    Case(rule: .frozen, moves: [false, false, false, false, true, true]),
    Case(rule: .fineTune, moves: Array(repeating: true, count: 6)),
    Case(rule: .lpFT, moves: Array(repeating: true, count: 6)),
    Case(rule: .gradual, moves: Array(repeating: true, count: 6)),
    Case(rule: .discriminative, moves: Array(repeating: true, count: 6)),
    Case(rule: .l2SP, moves: Array(repeating: true, count: 6)),
    Case(rule: .biasOnly, moves: [false, true, false, true, true, true]),
  ]

  @Test("what is held is bit-identical and the rest moves, with momentum and weight decay on", arguments: cases)
  func moves(example: Case) throws {
    let source = try trained(
      TransferMethod.scratch.plan(from: .forPatterns([10, 8], seed: 5), settings(epochs: 3), solvesHeads: true)
    ).replacingHead(classCount: 4, seed: 7)
    for solves in [true, false] {
      let plan = try TransferMethod(example.rule).plan(from: source, settings(), solvesHeads: solves)
      let model = try trained(plan)
      for (slice, moves) in zip(model.parameters.slices, example.moves) {
        #expect((bits(model, slice.name) != bits(plan.model, slice.name)) == moves, "\(slice.name)")
      }
      #expect((bits(plan.model, "fc1.weight") == bits(source, "fc1.weight")) == (example.rule != .randomFrozen))
      let isHeadOnly = example.rule == .frozen || example.rule == .randomFrozen
      #expect(plan.epochs == (isHeadOnly && solves ? 0 : 6))
      var evaluator = Evaluator(.patterns(40), for: plan.model)
      var after = Evaluator(.patterns(40), for: model)
      #expect(after.evaluate(model).loss < evaluator.evaluate(plan.model).loss)
    }
  }

  @Test("held layers stay, and nothing left to train is an error")
  func heldLayers() throws {
    let source = Model.forPatterns([10, 8], seed: 5)
    let model = try trained(
      TransferMethod(.fineTune, heldLayers: 1).plan(from: source, settings(), solvesHeads: true))
    #expect(bits(model, "fc1.weight") == bits(source, "fc1.weight"))
    #expect(bits(model, "fc2.weight") != bits(source, "fc2.weight"))
    #expect(throws: GraftFailure.self) {
      _ = try TransferMethod(.fineTune, heldLayers: 3).plan(from: source, settings(), solvesHeads: true)
    }
    #expect(throws: GraftFailure.self) {
      _ = try TransferMethod.frozen.plan(from: .forPatterns([]), settings(), solvesHeads: true)
    }
  }

  @Test("L2-SP stays nearer to the source than fine-tuning, and discriminative rates move the first layer less")
  func pulls() throws {
    let source = Model.forPatterns([10, 8], seed: 5)
    func distance(_ method: TransferMethod) throws -> Double {
      var settings = settings(epochs: 20)
      settings.weightDecay = 0
      var plan = try method.plan(from: source, settings, solvesHeads: true)
      if plan.settings.startPull > 0 { plan.settings.startPull = 40 }
      let model = try trained(plan)
      let slice = source.parameters.slices[0]
      return zip(model.parameters.values(of: slice), source.parameters.values(of: slice))
        .reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
    }
    let usual = try distance(.fineTune)
    #expect(try distance(TransferMethod(.l2SP)) < 0.5 * usual)
    #expect(try distance(TransferMethod(.discriminative)) < 0.5 * usual)
  }

  @Test("killed after any epoch of any stage and restored from its file, it ends with the same bits")
  func stagesResume() throws {
    let folder = try ScratchFolder()
    let plan = try TransferMethod(.gradual).plan(from: .forPatterns([10, 8], seed: 5), settings(), solvesHeads: true)
    #expect(plan.stages.map(\.epochs) == [2, 2, 2])
    func begin() -> TrackedTraining {
      TrackedTraining(plan.model, on: .patterns(40), plan.settings, stages: plan.stages)
    }
    var whole = begin()
    while !whole.isFinished { _ = try whole.runEpoch() }
    for kill in 1..<6 {
      var training = begin()
      for _ in 0..<kill { _ = try training.runEpoch() }
      let file = TrainingStateFile(path: "\(folder.path)/state-\(kill)", identity: JSON.Object())
      try file.save(training)
      var resumed = begin()
      try file.restore(&resumed)
      #expect(resumed.epoch == kill)
      while !resumed.isFinished { _ = try resumed.runEpoch() }
      #expect(resumed.model.parameters == whole.model.parameters, "killed after epoch \(kill)")
      #expect(resumed.history.map(\.trainLoss) == whole.history.map(\.trainLoss))
    }
  }

  @Test("a slice with a rate of its own moves as if an optimizer of that rate moved it")
  func rateScales() throws {
    let model = Model.forPatterns([10], seed: 5)
    func step(_ rate: Double, scales: [Double]) -> Model {
      var model = model
      var optimizer = Optimizer(.adam(), weightDecay: 0.01, for: model.parameters, rateScales: scales)
      let examples = Examples.patterns(8)
      var workspace = Workspace(for: model, inputs: examples.inputs, capacity: 8)
      let batch = Batch(inputs: examples.inputs, rows: Array(0..<8)[...], labels: examples.labels[...])
      model.forward(batch, mode: .evaluation, in: &workspace)
      _ = SoftmaxCrossEntropy()(labels: batch.labels, in: &workspace)
      optimizer.beginStep(learningRate: rate)
      model.backward(batch, in: &workspace, into: &optimizer)
      return model
    }
    let scaled = step(0.02, scales: [0.5, 0.5, 1, 1])
    let (slow, fast) = (step(0.01, scales: []), step(0.02, scales: []))
    for name in ["fc1.weight", "fc1.bias"] { #expect(bits(scaled, name) == bits(slow, name)) }
    for name in ["fc2.weight", "fc2.bias"] { #expect(bits(scaled, name) == bits(fast, name)) }
  }

  @Test("a shared head keeps the outputs of shared classes and draws the others")
  func sharedHead() throws {
    let names = (0..<10).map { "digit \($0)" }
    let outputs = ClassOutputs(.compact, choosing: [0, 2, 4], of: names)
    let source = Checkpoint(
      model: Model(units: [5], inputs: 36, classCount: 3, seed: 1), normalization: .unit, outputs: outputs,
      record: JSON.Object())
    let (model, new) = try source.adapted(to: [1, 2, 4], of: names, head: .shared, seed: 2)
    let fresh = source.model.replacingHead(classCount: 3, seed: 2)
    let (old, kept, drawn) = (source.model.values("fc2.weight"), model.values("fc2.weight"), fresh.values("fc2.weight"))
    #expect(new.classes == [1, 2, 4])
    #expect(kept[5..<15] == old[5..<15] && kept[0..<5] == drawn[0..<5])
    #expect(model.values("fc2.bias")[1...] == source.model.values("fc2.bias")[1...])
    let others = (0..<10).map { "other \($0)" }
    #expect(try source.adapted(to: [0, 2, 4], of: others, head: .shared, seed: 2).model == fresh)
    #expect(try source.adapted(to: [0, 2, 4], of: others, head: nil, seed: 2).model == fresh)
  }
}
