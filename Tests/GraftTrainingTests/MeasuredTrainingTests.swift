import GraftMatrices
import GraftNetworks
import GraftTraining
import NumericChecks
import Testing

/// Trainings that are measured on test images after each epoch, as the published study does.
@Suite struct MeasuredTrainingTests {
  private let train = Examples.patterns(80)
  private let test = Examples.patterns(70, seed: 5)

  private func training(_ model: Model, _ settings: TrainingSettings) -> TrackedTraining {
    TrackedTraining(model, on: train, settings, watching: .measuring(test))
  }

  @Test("the history is the session's losses and the evaluations of its models")
  func history() throws {
    let settings = TrainingSettings.adam()
    var training = training(.forPatterns([20]), settings)
    try training.run()
    var session = TrainingSession(.forPatterns([20]), on: train, settings)
    #expect(training.history.map(\.epoch) == [1, 2, 3])
    for record in training.history {
      #expect(try session.runEpoch() == record.trainLoss)
      var evaluator = Evaluator(test, for: session.model)
      let evaluation = evaluator.evaluate(session.model)
      let key = RandomKey(seed: settings.seed, purpose: .evaluationOrder, index: record.epoch)
      #expect(record.testLoss == evaluation.batchMeanLoss(batchSize: 64, shuffledBy: key))
      #expect(record.correct == evaluation.correct && record.seconds > 0)
    }
    #expect(training.model == session.model)
    #expect(zip(training.history, training.history.dropFirst()).allSatisfy { $0.seconds < $1.seconds })
  }

  @Test("no epochs leave the model as it was")
  func noEpochs() throws {
    var settings = TrainingSettings.adam()
    settings.epochs = 0
    var training = training(.forPatterns([20]), settings)
    try training.run()
    #expect(training.history.isEmpty && training.model == .forPatterns([20]))
  }

  @Test("each epoch is reported, and what the report throws ends the training")
  func report() throws {
    struct Stop: Error {}
    var epochs: [Int] = []
    var training = training(.forPatterns([20]), .adam())
    #expect(throws: Stop.self) {
      try training.run { _, record in
        epochs.append(record.epoch)
        if record.epoch == 2 { throw Stop() }
      }
    }
    #expect(epochs == [1, 2])
  }

  @Test("a frozen body is evaluated with the head that trains")
  func frozen() throws {
    var model = Model.forPatterns([20])
    model.freezeBody()
    var training = training(model, .adam())
    try training.run()
    var evaluator = Evaluator(test, for: .forPatterns([20]))
    #expect(evaluator.evaluate(training.model).correct == training.history.last?.correct)
  }
}
