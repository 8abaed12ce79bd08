import GraftFiles
import GraftNetworks
import GraftTraining
import NumericChecks
import Testing

@Suite("Stages, and going on after a kill among them")
struct StagedTrainingTests {
  struct Stages: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let stages: [TrainingStage]
  }

  /// Every slice of `mlp:10,8` whose place is among `places`.
  private static func stage(_ places: Range<Int>, _ epochs: Int) -> TrainingStage {
    TrainingStage(isTrainable: (0..<6).map(places.contains), epochs: epochs)
  }

  static let lists = [
    Stages(testDescription: "from the head down", stages: [stage(4..<6, 2), stage(2..<6, 2), stage(0..<6, 3)]),
    Stages(testDescription: "all, then the head", stages: [stage(0..<6, 2), stage(4..<6, 2)]),
    Stages(testDescription: "one layer after the other", stages: [stage(0..<2, 1), stage(2..<4, 2), stage(4..<6, 1)]),
    Stages(
      testDescription: "with empty stages",
      stages: [stage(4..<6, 1), stage(2..<6, 0), stage(0..<6, 0), stage(2..<6, 2)]),
  ]

  private func begin(
    _ stages: [TrainingStage], _ settings: TrainingSettings, watching watch: TrackedTraining.Watch = .nothing
  ) throws -> TrackedTraining {
    TrackedTraining(try Transferred.start(), on: Transferred.target, settings, stages: stages, watching: watch)
  }

  static let settings: [TrainingSettings] = {
    var pulled = Transferred.settings()
    pulled.startPull = 2
    pulled.layerRateDecay = 2.6
    return [Transferred.settings(), Transferred.settings(.adam()), pulled]
  }()

  @Test("killed after any epoch and restored from its file, it ends with the same bits", arguments: lists, settings)
  func resumes(list: Stages, settings: TrainingSettings) throws {
    let folder = try ScratchFolder()
    let watch = TrackedTraining.Watch.choosing(.patterns(24, seed: 9), patience: 100)
    let epochs = list.stages.reduce(0) { $0 + $1.epochs }
    var whole = try begin(list.stages, settings, watching: watch)
    #expect(whole.epochs == epochs)
    while !whole.isFinished { _ = try whole.runEpoch() }
    #expect(whole.history.map(\.epoch) == Array(1...epochs))
    for killedAfter in 1..<epochs {
      let file = TrainingStateFile(path: "\(folder.path)/state-\(killedAfter)", identity: settings.json)
      var first = try begin(list.stages, settings, watching: watch)
      for _ in 0..<killedAfter { _ = try first.runEpoch() }
      try file.save(first)
      var second = try begin(list.stages, settings, watching: watch)
      try file.restore(&second)
      #expect(second.epoch == killedAfter)
      while !second.isFinished { _ = try second.runEpoch() }
      #expect(second.session.model.parameters == whole.session.model.parameters, "killed after \(killedAfter)")
      #expect(second.model.parameters == whole.model.parameters && second.chosenEpoch == whole.chosenEpoch)
      #expect(second.history.map(\.trainLoss) == whole.history.map(\.trainLoss))
      #expect(second.history.map(\.heldOut) == whole.history.map(\.heldOut))
    }
  }

  @Test("a finished training is restored as finished")
  func finished() throws {
    let folder = try ScratchFolder()
    let file = TrainingStateFile(path: "\(folder.path)/state", identity: Transferred.settings().json)
    let stages = Self.lists[0].stages
    var whole = try begin(stages, Transferred.settings())
    while !whole.isFinished { _ = try whole.runEpoch() }
    try file.save(whole)
    var restored = try begin(stages, Transferred.settings())
    try file.restore(&restored)
    #expect(restored.isFinished && restored.epoch == 7 && restored.model.parameters == whole.model.parameters)
  }

  @Test("the state of other stages is refused, wherever the kill was", arguments: 1...5)
  func others(killedAfter: Int) throws {
    let folder = try ScratchFolder()
    let file = TrainingStateFile(path: "\(folder.path)/state", identity: Transferred.settings().json)
    var training = try begin(Self.lists[0].stages, Transferred.settings())
    for _ in 0..<killedAfter { _ = try training.runEpoch() }
    try file.save(training)
    // Other masks, other lengths, none at all.
    let stages = Self.lists[0].stages
    let masked = [stages[0], TrainingStage(isTrainable: stages[2].isTrainable, epochs: 2), stages[2]]
    let longer = [Self.stage(4..<6, 3), Self.stage(2..<6, 1), Self.stage(0..<6, 3)]
    let last = [stages[0], stages[1], Self.stage(2..<6, 3)]
    for other in [masked, longer, last, [Self.stage(0..<6, 7)], []] {
      var training = try begin(other, Transferred.settings())
      let before = training.session.model
      let error = #expect(throws: FormatError.self) { try file.restore(&training) }
      #expect(error?.description.contains("stages") == true, "\(error?.description ?? "")")
      #expect(training.epoch == 0 && training.session.model == before)
    }
  }

  @Test("patience is of the last stage: no layer is passed over because the head had nothing more to gain")
  func patience() throws {
    let watch = TrackedTraining.Watch.choosing(.patterns(24, seed: 9), patience: 1)
    // Nothing moves at such a rate, so the loss falls in the first epoch and never again.
    let settings = TrainingSettings.momentum(learningRate: 1e-30)
    var training = try begin(
      [Self.stage(4..<6, 3), Self.stage(2..<6, 3), Self.stage(0..<6, 4)], settings, watching: watch)
    while !training.isFinished { _ = try training.runEpoch() }
    #expect(training.epoch == 7 && training.chosenEpoch == 1)
    var empty = try begin([Self.stage(4..<6, 3), Self.stage(0..<6, 0)], settings, watching: watch)
    while !empty.isFinished { _ = try empty.runEpoch() }
    #expect(empty.epoch == 2)
  }

  @Test("weights are chosen over all stages, and held-out figures follow what trains")
  func choosing() throws {
    let watch = TrackedTraining.Watch.choosing(.patterns(40, seed: 9), patience: 100)
    let settings = TrainingSettings.momentum(learningRate: 0.3)
    for list in Self.lists {
      var training = try begin(list.stages, settings, watching: watch)
      var models: [Model] = []
      while !training.isFinished {
        _ = try training.runEpoch()
        models.append(training.session.model)
      }
      let losses = training.history.map(\.testLoss)
      // As if each epoch's model were measured by itself.
      for (model, record) in zip(models, training.history) {
        var fresh = model
        fresh.unfreeze()
        var evaluator = Evaluator(.patterns(40, seed: 9), for: fresh)
        #expect(evaluator.evaluate(fresh).correct == record.correct)
      }
      let best = try #require(losses.indices.min { losses[$0] < losses[$1] })
      #expect(training.chosenEpoch == best + 1 && training.model.parameters == models[best].parameters)
    }
  }
}
