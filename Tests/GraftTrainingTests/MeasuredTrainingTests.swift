import GraftMatrices
import GraftNetworks
import GraftTraining
import NumericChecks
import Testing

@Suite struct TrainingRunTests {
  private let train = Examples.patterns(80)
  private let test = Examples.patterns(70, seed: 5)

  @Test("the history is the session's losses and the evaluations of its models")
  func history() throws {
    let settings = TrainingSettings.adam()
    let run = try TrainingRun.train(.forPatterns([20]), on: train, test: test, settings)
    var session = TrainingSession(.forPatterns([20]), on: train, settings)
    #expect(run.history.map(\.epoch) == [1, 2, 3])
    for record in run.history {
      #expect(try session.runEpoch() == record.trainLoss)
      var evaluator = Evaluator(test, for: session.model)
      let evaluation = evaluator.evaluate(session.model)
      let key = RandomKey(seed: settings.seed, purpose: .evaluationOrder, index: record.epoch)
      #expect(record.testLoss == evaluation.batchMeanLoss(batchSize: 64, shuffledBy: key))
      #expect(record.correct == evaluation.correct && record.seconds > 0)
    }
    #expect(run.model == session.model)
    #expect(run.evaluation.correct == run.history.last?.correct && run.evaluation.count == 70)
    #expect(zip(run.history, run.history.dropFirst()).allSatisfy { $0.seconds < $1.seconds })
    #expect(run.seconds == run.history.last?.seconds)
  }

  @Test("no epochs leave the model as it was, evaluated")
  func noEpochs() throws {
    var settings = TrainingSettings.adam()
    settings.epochs = 0
    let run = try TrainingRun.train(.forPatterns([20]), on: train, test: test, settings)
    #expect(run.history.isEmpty && run.model == .forPatterns([20]) && run.evaluation.count == 70 && run.seconds == 0)
  }

  @Test("each epoch is reported, and what the report throws ends the training")
  func report() throws {
    struct Stop: Error {}
    var epochs: [Int] = []
    #expect(throws: Stop.self) {
      try TrainingRun.train(.forPatterns([20]), on: train, test: test, .adam()) { record in
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
    let run = try TrainingRun.train(model, on: train, test: test, .adam())
    var evaluator = Evaluator(test, for: .forPatterns([20]))
    #expect(evaluator.evaluate(run.model).predictions == run.evaluation.predictions)
    #expect(mismatchInBits(evaluator.evaluate(run.model).losses, run.evaluation.losses) == nil)
  }
}
