import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining
import NumericChecks
import Testing

@Suite("Methods over a real training")
struct TransferRunTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let method: String
    let moves: [String]
    var testDescription: String { method }
  }

  static let all = TransferPlanTests.all
  static let head = TransferPlanTests.head
  static let cases: [Case] = [
    Case(method: "scratch", moves: all), Case(method: "random-frozen", moves: head),
    Case(method: "frozen", moves: head), Case(method: "fine-tune", moves: all), Case(method: "lp-ft", moves: all),
    Case(method: "gradual", moves: all), Case(method: "discriminative", moves: all), Case(method: "l2-sp", moves: all),
    Case(method: "bias-only", moves: ["fc1.bias", "fc2.bias"] + head),
    Case(method: "fine-tune:1", moves: Array(all[2...])), Case(method: "fine-tune:2", moves: head),
    Case(method: "frozen:1", moves: Array(all[2...])), Case(method: "lp-ft:1", moves: Array(all[2...])),
    Case(method: "gradual:1", moves: Array(all[2...])), Case(method: "l2-sp:1", moves: Array(all[2...])),
    Case(method: "discriminative:1", moves: Array(all[2...])), Case(method: "bias-only:1", moves: ["fc2.bias"] + head),
    Case(method: "copy", moves: head), Case(method: "copy:1", moves: Array(all[2...])),
    Case(method: "copy:2", moves: head), Case(method: "copy+", moves: all), Case(method: "copy+:1", moves: all),
  ]

  @Test("every rule is tried") func complete() throws {
    #expect(
      try Set(Self.cases.map { try TransferMethod(parsing: $0.method).rule }) == Set(TransferMethod.Rule.trained))
  }

  @Test(
    "the loss falls, what trains moves, and what is held keeps its bits under momentum and weight decay",
    arguments: cases, [Optimizer.Rule.sgd(momentum: 0.9), .adam()])
  func freezing(known: Case, rule: Optimizer.Rule) throws {
    let plan = try Transferred.plan(known.method, Transferred.settings(rule))
    let end = try plan.run(on: Transferred.target, strength: 0.001)
    let (before, after) = (Transferred.loss(plan.model), Transferred.loss(end))
    // Eight units that never learned anything tell little.
    #expect(after < (known.method == "random-frozen" ? 0.99 : 0.7) * before, "\(before) became \(after)")
    for slice in plan.model.parameters.slices {
      let isSame = mismatchInBits(end.values(slice.name), plan.model.values(slice.name)) == nil
      #expect(isSame != known.moves.contains(slice.name), "\(slice.name)")
    }
    #expect(end.padding.allSatisfy { $0 == 0 })
  }

  @Test("a solved head leaves the body's bits too", arguments: ["frozen", "random-frozen", "copy", "copy:2"])
  func solved(method: String) throws {
    let plan = try Transferred.plan(method, solvesHeads: true)
    let end = try plan.run(on: Transferred.target, strength: 0.001)
    #expect(Transferred.loss(end) < 0.5 * Transferred.loss(plan.model))
    for name in Transferred.body { #expect(mismatchInBits(end.values(name), plan.model.values(name)) == nil) }
    for name in Self.head { #expect(end.values(name) != plan.model.values(name)) }
  }

  @Test("one core and two end with the same bits", arguments: cases)
  func teams(known: Case) throws {
    let plan = try Transferred.plan(known.method, Transferred.settings(epochs: 3), solvesHeads: true)
    let ends = try [1, 2].map { size in
      try plan.run(on: Transferred.target, strength: 0.001, team: Team(size: size, smallestPart: 1)).parameters
    }
    #expect(ends[0] == ends[1])
  }

  @Test("what is reported: the watched epochs and the last one, with that epoch's model")
  func reports() throws {
    let plan = try Transferred.plan("fine-tune", Transferred.settings(epochs: 5))
    var points: [TransferPlan.Point] = []
    let end = try plan.run(on: Transferred.target, strength: 0, watches: { $0 == 2 }, report: { points.append($0) })
    #expect(points.map(\.epoch) == [2, 5] && points[1].model.parameters == end.parameters)
    var session = TrainingSession(plan.model, on: Transferred.target, plan.settings)
    let losses = try (0..<2).map { _ in try session.runEpoch() }
    #expect(points[0].trainLoss == losses[1] && points[0].model.parameters == session.model.parameters)
    #expect(points[0].seconds > 0 && points[0].seconds <= points[1].seconds)
  }

  // MARK: One method each

  @Test("gradual holds each layer until its stage begins, which goes on from the stage before")
  func gradual() throws {
    let plan = try Transferred.plan("gradual", Transferred.settings(epochs: 7))
    var models: [Model] = []
    _ = try plan.run(on: Transferred.target, strength: 0, watches: { _ in true }, report: { models.append($0.model) })
    #expect(models.count == 7 && plan.stages.map(\.epochs) == [2, 2, 3])
    func holds(_ name: String, _ epochs: Range<Int>) -> Bool {
      models[epochs].allSatisfy { mismatchInBits($0.values(name), plan.model.values(name)) == nil }
    }
    func moves(_ name: String, _ epochs: Range<Int>) -> Bool {
      epochs.dropFirst().allSatisfy { models[$0].values(name) != models[$0 - 1].values(name) }
    }
    for part in ["weight", "bias"] {
      #expect(holds("fc1.\(part)", 0..<4) && !holds("fc1.\(part)", 4..<5) && moves("fc1.\(part)", 4..<7))
      #expect(holds("fc2.\(part)", 0..<2) && !holds("fc2.\(part)", 2..<3) && moves("fc2.\(part)", 2..<7))
      #expect(!holds("fc3.\(part)", 0..<1) && moves("fc3.\(part)", 0..<7))
    }
  }

  /// Stage after stage as three trainings of their own would: each has its schedule, its optimizer and its shuffles.
  @Test("a stage is a training of its own from the weights of the one before")
  func stages() throws {
    let plan = try Transferred.plan("gradual", Transferred.settings(epochs: 7))
    let end = try plan.run(on: Transferred.target, strength: 0)
    var model = plan.model
    for stage in plan.stages {
      model.isTrainable = stage.isTrainable
      var settings = plan.settings
      settings.epochs = stage.epochs
      var session = TrainingSession(model, on: Transferred.target, settings)
      for _ in 0..<stage.epochs { _ = try session.runEpoch() }
      model = session.model
    }
    #expect(mismatchInBits(end.allValues, model.allValues) == nil)
  }

  @Test("discriminative rates move the first layer less than one rate for all, and the head as much")
  func discriminative() throws {
    let (slow, plain) = (try Transferred.plan("discriminative"), try Transferred.plan("fine-tune"))
    let ends = try (slow.run(on: Transferred.target, strength: 0), plain.run(on: Transferred.target, strength: 0))
    func ratio(_ name: String) -> Double {
      Transferred.distance(ends.0, slow.model, [name]) / Transferred.distance(ends.1, plain.model, [name])
    }
    #expect(ratio("fc1.weight") < 0.5 && ratio("fc1.bias") < 0.6)
    #expect(ratio("fc1.weight") < ratio("fc2.weight") && ratio("fc2.weight") < 0.8 && ratio("fc3.weight") > 0.7)
  }

  @Test(
    "a rate that falls by 2.6 a layer is that rate in an optimizer's scales",
    arguments: [Optimizer.Rule.sgd(momentum: 0.9), .adam()])
  func decayedRates(rule: Optimizer.Rule) throws {
    var settings = TrainingSettings.momentum()
    settings.optimizer = rule
    settings.layerRateDecay = 2.6
    let model = try Transferred.start()
    var session = TrainingSession(model, on: Transferred.target, settings)
    var plain = PlainTrainer(model, on: Transferred.target, settings)
    let third = 1 / 2.6
    plain.optimizer = Optimizer(
      rule, weightDecay: settings.weightDecay, for: model.parameters,
      rateScales: [third * third, third * third, third, third, 1, 1])
    for epoch in 0..<3 { #expect(try session.runEpoch() == plain.epoch(epoch, settings)) }
    #expect(mismatchInBits(session.model.allValues, plain.model.allValues) == nil)
  }

  @Test("a decay of one and a pull of zero are a training without them", arguments: [[], [10, 8]] as [[Int]])
  func neutral(units: [Int]) throws {
    var settings = TrainingSettings.momentum()
    (settings.layerRateDecay, settings.startPull) = (1, 0)
    #expect(settings == .momentum() && settings.json == TrainingSettings.momentum().json)
    let model = Model.forPatterns(units)
    var session = TrainingSession(model, on: Transferred.target, settings)
    var plain = PlainTrainer(model, on: Transferred.target, settings)
    for epoch in 0..<3 { #expect(try session.runEpoch() == plain.epoch(epoch, settings)) }
    #expect(mismatchInBits(session.model.allValues, plain.model.allValues) == nil)
  }

  @Test("L2-SP ends nearer to the source than fine-tuning, the nearer the stronger it pulls")
  func pull() throws {
    let plain = try Transferred.plan("fine-tune")
    var distances = [
      Transferred.distance(try plain.run(on: Transferred.target, strength: 0), plain.model, Transferred.body)
    ]
    for strength in [0.5, 5] {
      var plan = try Transferred.plan("l2-sp")
      #expect(plan.settings.startPull == 0.5)
      plan.settings.startPull = strength
      distances.append(
        Transferred.distance(try plan.run(on: Transferred.target, strength: 0), plan.model, Transferred.body))
    }
    #expect(distances[0] > distances[1] && distances[1] > 1.2 * distances[2] && distances[2] > 0, "\(distances)")
  }

  /// The loss' gradient by finite differences, plus c/n · (w - w₀) for the body and c/n · w for the head, then momentum, all
  /// in Double.
  @Test("a pulled training is a naive one in Double", arguments: [0, 1])
  func pulledStep(held: Int) throws {
    let target = Examples.patterns(12, seed: 5)
    var settings = TrainingSettings.momentum(batchSize: 5)
    settings.startPull = 6
    var model = try Transferred.start([5])
    model.freeze(first: held)
    var session = TrainingSession(model, on: target, settings)
    var network = ReferenceNetwork(model)
    let start = network
    let parts: [WritableKeyPath<ReferenceNetwork.Layer, [Double]>] = [\.weight, \.bias]
    var velocity: [String: [Double]] = [:]
    guard case .sparse(let rows) = target.inputs else { throw Mismatch(description: "the images are not sparse") }
    let images = (0..<12).map { rows.dense(row: $0) }
    for epoch in 0..<3 {
      _ = try session.runEpoch()
      let key = RandomKey(seed: settings.seed, purpose: .shuffle, index: epoch)
      let batches = Batches(of: target.labels, size: 5, shuffledBy: key)
      for index in 0..<batches.count {
        let inputs = batches.order[batches[index]].map { images[$0] }
        let labels = Array(batches.labels[batches[index]])
        #expect(network.distanceFromKinks(inputs) > 1e-4, "finite differences across a kink")
        var moved = network
        for layer in held..<2 {
          for (part, name) in zip(parts, ["weight", "bias"]) {
            let name = "fc\(layer + 1).\(name)"
            let weights = network.layers[layer][keyPath: part]
            let anchor = layer == 0 ? start.layers[0][keyPath: part] : weights.map { _ in 0 }
            var gradient = network.numericGradient(of: name, inputs, labels)
            for index in gradient.indices {
              gradient[index] += 6.0 / 12 * (weights[index] - anchor[index]) + settings.weightDecay * weights[index]
            }
            let old = velocity[name] ?? gradient.map { _ in 0 }
            let new = zip(old, gradient).map { 0.9 * $0 + $1 }
            velocity[name] = new
            moved.layers[layer][keyPath: part] = zip(weights, new).map { $0 - settings.learningRate * $1 }
          }
        }
        network = moved
      }
    }
    for (index, layer) in network.layers.enumerated() {
      #expect(mismatch(session.model.values("fc\(index + 1).weight"), layer.weight, within: 1e-5) == nil)
      #expect(mismatch(session.model.values("fc\(index + 1).bias"), layer.bias, within: 1e-5) == nil)
    }
    // The reference is of this very pull: without it the weights are elsewhere.
    settings.startPull = 0
    var free = TrainingSession(model, on: target, settings)
    for _ in 0..<3 { _ = try free.runEpoch() }
    #expect(mismatch(free.model.values("fc2.weight"), network.layers[1].weight, within: 1e-3) != nil)
  }

  @Test("lp-ft begins with the solved head, reported as epoch 0, and goes on from there")
  func probe() throws {
    let plan = try Transferred.plan("lp-ft", Transferred.settings(epochs: 3))
    var points: [TransferPlan.Point] = []
    let end = try plan.run(
      on: Transferred.target, strength: 0.01, watches: { _ in true }, report: { points.append($0) })
    var solver = HeadSolver(plan.model, on: Transferred.target)
    let probe = try solver.solve(strength: 0.01).model
    #expect(points.map(\.epoch) == [0, 1, 2, 3] && points[0].trainLoss == nil && points[1].trainLoss != nil)
    #expect(mismatchInBits(points[0].model.allValues, probe.allValues) == nil)
    #expect(zip(points, points.dropFirst()).allSatisfy { $0.seconds <= $1.seconds })
    // The training behind the probe is fine-tuning from it.
    let ready = try plan.solvingHead(on: Transferred.target, strength: 0.01)
    #expect(!ready.solvesHead && mismatchInBits(ready.model.allValues, probe.allValues) == nil)
    #expect(try ready.run(on: Transferred.target, strength: 7).parameters == end.parameters)
    var tuned = probe
    tuned.unfreeze()
    var session = TrainingSession(tuned, on: Transferred.target, plan.settings)
    for epoch in 1...3 { #expect(try session.runEpoch() == points[epoch].trainLoss) }
    #expect(session.model.parameters == end.parameters)
  }

  @Test("a head that is all is reported once, after the solver's iterations")
  func solvedReport() throws {
    let plan = try Transferred.plan("frozen", solvesHeads: true)
    var points: [TransferPlan.Point] = []
    let end = try plan.run(
      on: Transferred.target, strength: 0.01, watches: { _ in true }, report: { points.append($0) })
    var solver = HeadSolver(plan.model, on: Transferred.target)
    let solution = try solver.solve(strength: 0.01)
    #expect(points.map(\.epoch) == [solution.iterations] && points[0].trainLoss == nil && plan.epochs == 0)
    #expect(mismatchInBits(end.allValues, solution.model.allValues) == nil)
    #expect(points[0].model.parameters == end.parameters)
  }

  @Test("a plan that solves nothing is left as it is")
  func nothingToSolve() throws {
    let plan = try Transferred.plan("fine-tune")
    let ready = try plan.solvingHead(on: Transferred.target, strength: 0.01)
    #expect(ready.model == plan.model && ready.stages == plan.stages)
  }
}
