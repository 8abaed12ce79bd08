import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining
import NumericChecks
import Testing

@Suite("Methods worked out for a model")
struct TransferPlanTests {
  /// What a method does with a model.
  struct Expectation: Sendable, CustomTestStringConvertible {
    let method: String
    var units = [10, 8]
    var solvesHeads = true
    var solved = false
    /// What trains in each stage.
    let stages: [[String]]
    var epochs: [Int] = [7]
    var testDescription: String { "\(method) on \(units)" }
  }

  static let all = ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias", "fc3.weight", "fc3.bias"]
  static let head = Array(all[4...])

  static let expectations: [Expectation] = [
    Expectation(method: "scratch", stages: [all]), Expectation(method: "fine-tune", stages: [all]),
    Expectation(method: "fine-tune:0", stages: [all]), Expectation(method: "fine-tune:1", stages: [Array(all[2...])]),
    Expectation(method: "fine-tune:2", stages: [head]), Expectation(method: "discriminative", stages: [all]),
    Expectation(method: "discriminative:1", stages: [Array(all[2...])]), Expectation(method: "l2-sp", stages: [all]),
    Expectation(method: "l2-sp:2", stages: [head]),
    Expectation(method: "frozen", solved: true, stages: [], epochs: []),
    Expectation(method: "frozen", solvesHeads: false, stages: [head]),
    Expectation(method: "frozen:2", solved: true, stages: [], epochs: []),
    Expectation(method: "frozen:2", solvesHeads: false, stages: [head]),
    Expectation(method: "frozen:1", stages: [Array(all[2...])]), Expectation(method: "frozen:0", stages: [all]),
    Expectation(method: "random-frozen", solved: true, stages: [], epochs: []),
    Expectation(method: "random-frozen", solvesHeads: false, stages: [head]),
    Expectation(method: "random-frozen:1", stages: [Array(all[2...])]),
    Expectation(method: "lp-ft", solved: true, stages: [all]),
    Expectation(method: "lp-ft", solvesHeads: false, solved: true, stages: [all]),
    Expectation(method: "lp-ft:1", solved: true, stages: [Array(all[2...])]),
    Expectation(method: "bias-only", stages: [["fc1.bias", "fc2.bias"] + head]),
    Expectation(method: "bias-only:1", stages: [["fc2.bias"] + head]),
    Expectation(method: "bias-only:2", stages: [head]),
    Expectation(method: "gradual", stages: [head, Array(all[2...]), all], epochs: [2, 2, 3]),
    Expectation(method: "gradual:1", stages: [head, Array(all[2...])], epochs: [3, 4]),
    Expectation(method: "gradual:2", stages: [head]),
    Expectation(method: "gradual", units: [10], stages: [Array(all[2..<4]), Array(all[..<4])], epochs: [3, 4]),
    Expectation(method: "copy", stages: [head]),
    Expectation(method: "copy", solvesHeads: false, stages: [head]),
    Expectation(method: "copy:2", stages: [head]),
    Expectation(method: "copy:1", stages: [Array(all[2...])]), Expectation(method: "copy+", stages: [all]),
    Expectation(method: "copy+:1", stages: [all]), Expectation(method: "copy+:2", stages: [all]),
    Expectation(method: "copy:1", units: [10], stages: [Array(all[2..<4])]),
    Expectation(method: "copy+", units: [10], stages: [Array(all[..<4])]),
    Expectation(method: "frozen", units: [10], solved: true, stages: [], epochs: []),
    Expectation(method: "lp-ft", units: [10], solved: true, stages: [Array(all[..<4])]),
    Expectation(method: "bias-only", units: [10], stages: [["fc1.bias"] + all[2..<4]]),
    Expectation(method: "fine-tune:1", units: [10], stages: [Array(all[2..<4])]),
    Expectation(method: "scratch", units: [], stages: [Array(all[..<2])]),
    Expectation(method: "fine-tune", units: [], stages: [Array(all[..<2])]),
    Expectation(method: "discriminative", units: [], stages: [Array(all[..<2])]),
    Expectation(method: "l2-sp", units: [], stages: [Array(all[..<2])]),
  ]

  private func settings(_ epochs: Int = 7) -> TrainingSettings {
    var settings = TrainingSettings.momentum()
    settings.epochs = epochs
    return settings
  }

  @Test("what trains when, and from which weights", arguments: expectations)
  func plans(known: Expectation) throws {
    // As a source that was itself trained behind a held layer: its mask is no concern of the method.
    var source = Model.forPatterns(known.units, seed: 11)
    source.freeze(first: 1)
    let method = try TransferMethod(parsing: known.method)
    let plan = try method.plan(from: source, settings(), solvesHeads: known.solvesHeads)
    #expect(plan.solvesHead == known.solved)
    let names = source.parameters.slices.map(\.name)
    #expect(plan.stages.map { zip(names, $0.isTrainable).filter(\.1).map(\.0) } == known.stages)
    #expect(plan.stages.map(\.epochs) == known.epochs && plan.epochs == known.epochs.reduce(0, +))
    let fresh = Model.forPatterns(known.units, seed: settings().seed)
    let copies = TransferMethodTests.copies.contains(method.rule)
    let taken = !method.usesSource ? 0 : copies ? method.layerCount ?? known.units.count : known.units.count + 1
    for (index, slice) in source.parameters.slices.enumerated() {
      let start = index / 2 < taken ? source : fresh
      #expect(mismatchInBits(plan.model.values(slice.name), start.values(slice.name)) == nil, "\(slice.name)")
    }
    #expect(plan.model.classCount == source.classCount)
    // What is held first: the body before a head is solved, else what the first stage holds.
    let head = source.headSlices.map(\.name)
    let first = known.solved ? names.map(head.contains) : plan.stages[0].isTrainable
    #expect(plan.model.isTrainable == first)
    // Only the two rules that say so change more than what trains.
    var expected = settings()
    if method.rule == .discriminative { expected.layerRateDecay = 2.6 }
    if method.rule == .l2SP { expected.startPull = plan.settings.startPull }
    #expect(plan.settings == expected && (plan.settings.startPull > 0) == (method.rule == .l2SP))
  }

  @Test(
    "layers that are held or train by their names; a stage that has nothing left to train gives its epochs to the next")
  func named() throws {
    func plan(_ method: String, solvesHeads: Bool = false) throws -> TransferPlan {
      try TransferMethod(parsing: method).plan(from: .forPatterns([10, 8]), settings(), solvesHeads: solvesHeads)
    }
    func trained(_ plan: TransferPlan) -> [[String]] {
      plan.stages.map { zip(plan.model.parameters.slices, $0.isTrainable).filter(\.1).map(\.0.name) }
    }
    // From the head down, of which the head is held: fc2, then fc1 too.
    var gradual = try plan("gradual")
    #expect(gradual.stages.map(\.epochs) == [2, 2, 3])
    try gradual.change(holding: ["fc3"])
    #expect(
      trained(gradual) == [["fc2.weight", "fc2.bias"], ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]])
    #expect(gradual.stages.map(\.epochs) == [4, 3] && gradual.model.isTrainable == gradual.stages[0].isTrainable)
    // Held by the method, and named to train all the same.
    var frozen = try plan("frozen")
    try frozen.change(holding: ["fc3"], training: ["fc2"])
    #expect(trained(frozen) == [["fc2.weight", "fc2.bias"]])
    for (method, solves, held, named, text) in [
      ("fine-tune", false, ["fc1", "fc2", "fc3"], [], "with fc1, fc2, fc3 held, no layer trains"),
      ("frozen", false, ["fc3"], [], "with fc3 held, no layer trains"),
      ("fine-tune", false, ["fc1"], ["fc1"], "fc1 can be held or train, not both"),
      ("lp-ft", true, ["fc3"], [], "fc3 is the head, which is solved: it cannot be held"),
      ("frozen", true, ["fc3"], [], "fc3 is the head, which is solved: it cannot be held"),
      ("frozen", true, [], ["fc2"], "a head that is solved trains nothing else: fc2 cannot"),
      ("fine-tune", false, ["fc9"], [], "the model has no layer 'fc9'; it has fc1, fc2, fc3"),
    ] {
      var own = try plan(method, solvesHeads: solves)
      let before = own.stages
      let error = #expect(throws: GraftFailure.self) { try own.change(holding: held, training: named) }
      #expect(error?.kind == .usage && error?.description == text && own.stages == before)
    }
  }

  @Test("every rule is expected on some model") func complete() throws {
    let rules = try Set(Self.expectations.map { try TransferMethod(parsing: $0.method).rule })
    #expect(rules == Set(TransferMethod.Rule.trained))
  }

  @Test("the epochs of gradual's stages add up to the budget, and none is empty", arguments: 1...9)
  func gradualBudget(epochs: Int) throws {
    let plan = try TransferMethod(.gradual).plan(
      from: .forPatterns([10, 8, 6]), settings(epochs), solvesHeads: true)
    #expect(plan.epochs == epochs && plan.stages.allSatisfy { $0.epochs > 0 })
    #expect(plan.stages.count == min(epochs, 4))
    // However short, all that is not held trains in the end.
    #expect(plan.stages.last?.isTrainable.allSatisfy { $0 } == true)
    let counts = plan.stages.map { $0.isTrainable.count { $0 } }
    #expect(zip(counts, counts.dropFirst()).allSatisfy { $1 == $0 + 2 })
  }

  @Test(
    "a method that needs a body says so of a model without one",
    arguments: ["frozen", "random-frozen", "lp-ft", "gradual", "bias-only", "frozen:0", "copy", "copy+"])
  func noBody(text: String) throws {
    let method = try TransferMethod(parsing: text)
    let error = try #require(throws: GraftFailure.self) {
      try method.plan(from: .forPatterns([]), settings(), solvesHeads: true)
    }
    let verb = TransferMethodTests.copies.contains(method.rule) ? "copy" : "freeze"
    #expect(error.kind == .usage && error.description == "\(text): a softmax model has no body to \(verb)")
  }

  @Test(
    "holding every layer leaves nothing to train",
    arguments: [("fine-tune:3", [10, 8]), ("frozen:2", [10]), ("l2-sp:9", [10]), ("fine-tune:1", [])]
      as [(String, [Int])])
  func nothingLeft(text: String, units: [Int]) throws {
    let method = try TransferMethod(parsing: text)
    let model = Model.forPatterns(units)
    let error = try #require(throws: GraftFailure.self) { try method.plan(from: model, settings(), solvesHeads: true) }
    let held = try #require(method.layerCount)
    #expect(error.kind == .usage)
    #expect(
      error.description
        == "\(text): holding \(held) layers would leave nothing to train, \(model.architecture) has \(units.count + 1)")
  }

  @Test(
    "copying every layer leaves nothing fresh",
    arguments: [
      ("copy:2", [10], "copy:2: copying 2 layers would leave nothing fresh, mlp:10 has 2"),
      ("copy:99", [10, 8], "copy:99: copying 99 layers would leave nothing fresh, mlp:10,8 has 3"),
      ("copy+:3", [10, 8], "copy+:3: copying 3 layers would leave nothing fresh, mlp:10,8 has 3"),
      ("copy+:1", [], "copy+:1: copying 1 layers would leave nothing fresh, softmax has 1"),
    ] as [(String, [Int], String)])
  func nothingFresh(text: String, units: [Int], message: String) throws {
    let method = try TransferMethod(parsing: text)
    let error = try #require(throws: GraftFailure.self) {
      try method.plan(from: .forPatterns(units), settings(), solvesHeads: true)
    }
    #expect(error.kind == .usage && error.description == message)
  }

  @Test("the budget lasts for a number of steps, however few the images")
  func lasting() {
    let settings = TrainingSettings.momentum(batchSize: 64)
    #expect(settings.lasting(steps: 200, on: 5).epochs == 200)
    #expect(settings.lasting(steps: 200, on: 64).epochs == 200 && settings.lasting(steps: 200, on: 65).epochs == 100)
    #expect(settings.lasting(steps: 200, on: 30_000).epochs == 3 && settings.lasting(steps: 0, on: 0).epochs == 3)
    var expected = settings
    expected.epochs = 67
    #expect(settings.lasting(steps: 200, on: 129) == expected)
  }
}
