import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining
import NumericChecks
import Testing

/// Epochs of convolutional networks, with running statistics among their numbers.
@Suite struct ConvolutionTrainingTests {
  private func model(_ text: String = "cnn:5c3p1b-p2-6c2b-9b", seed: UInt64 = 2) throws -> Model {
    try Model(text, on: ImageShape(height: 6, width: 6), classCount: 4, seed: seed)
  }

  @Test("epochs are the plain loop's", arguments: ["cnn:5c3p1b-p2-6c2b-9b", "cnn:17c3-a2-8"])
  func epochs(text: String) throws {
    let (examples, settings) = (Examples.patterns(42), TrainingSettings.momentum())
    var session = TrainingSession(try model(text), on: examples, settings)
    var plain = PlainTrainer(try model(text), on: examples, settings)
    for epoch in 0..<3 { #expect(try session.runEpoch() == plain.epoch(epoch, settings)) }
    #expect(mismatchInBits(session.model.allValues, plain.model.allValues) == nil)
  }

  @Test("a network learns small patterns", arguments: ["cnn:8c3p1-p2-16", "cnn:8c3p1b-p2-16b", "cnn:8c3s2b-a"])
  func learns(text: String) throws {
    let examples = Examples.patterns(160)
    var settings = TrainingSettings.adam()
    settings.epochs = 12
    var session = TrainingSession(try model(text), on: examples, settings)
    let losses = try (0..<12).map { _ in try session.runEpoch() }
    #expect(losses[11] < 0.5 * losses[0], "\(losses)")
    var evaluator = Evaluator(.patterns(80, seed: 9), for: session.model)
    #expect(evaluator.evaluate(session.model).accuracy.percent > 90)
  }

  /// Other networks compute a large batch in parts; the mean of a part is another one.
  @Test("a batch of more images than are computed together elsewhere is normalised as one")
  func largeBatch() throws {
    let (examples, settings) = (Examples.patterns(300), TrainingSettings.momentum(batchSize: 290))
    var session = TrainingSession(try model(), on: examples, settings)
    var plain = PlainTrainer(try model(), on: examples, settings)
    #expect(try session.runEpoch() == plain.epoch(0, settings))
    #expect(mismatchInBits(session.model.allValues, plain.model.allValues) == nil)
  }

  @Test("an interrupted training goes on with the same bits, running statistics included")
  func resumes() throws {
    let examples = Examples.patterns(42)
    var settings = TrainingSettings.adam()
    settings.epochs = 4
    let folder = try ScratchFolder()
    var whole = TrackedTraining(try model(), on: examples, settings)
    while !whole.isFinished { _ = try whole.runEpoch() }
    var first = TrackedTraining(try model(), on: examples, settings)
    for _ in 0..<2 { _ = try first.runEpoch() }
    let file = TrainingStateFile(path: "\(folder.path)/state", identity: settings.json)
    try file.save(first)
    var second = TrackedTraining(try model(), on: examples, settings)
    try file.restore(&second)
    while !second.isFinished { _ = try second.runEpoch() }
    #expect(mismatchInBits(second.session.model.allValues, whole.session.model.allValues) == nil)
    #expect(second.session.model.values("bn1.running_mean") != (try model()).values("bn1.running_mean"))
  }

  @Test(
    "every method trains a normalised network; where the body is held, its running statistics are the source's",
    arguments: TransferMethod.Rule.trained)
  func methods(rule: TransferMethod.Rule) throws {
    let examples = Examples.patterns(40)
    var source = TrainingSession(try model(seed: 5), on: examples, .momentum())
    for _ in 0..<2 { _ = try source.runEpoch() }
    let settings = TrainingSettings.momentum()
    let plan = try TransferMethod(rule).plan(from: source.model, settings, solvesHeads: false)
    guard let stage = plan.stages.first else { return }
    var start = plan.model
    start.isTrainable = stage.isTrainable
    var session = TrainingSession(start, on: examples, plan.settings)
    for _ in 0..<2 { _ = try session.runEpoch() }
    for layer in start.layers {
      guard let norm = layer.norm else { continue }
      let isHeld = !start.trains(norm.gain) && !start.trains(norm.shift)
      for slice in [norm.runningMean, norm.runningVariance] {
        let isSame = session.model.values(slice.name) == start.values(slice.name)
        #expect(isSame == isHeld, "\(slice.name)")
      }
    }
  }
}
