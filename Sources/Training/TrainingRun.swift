import Matrices
import Networks

/// What one epoch of a training left behind.
public struct EpochRecord: Sendable, Hashable {
  /// Counted from 1.
  public let epoch: Int
  /// Mean of the batches' losses, each before its update.
  public let trainLoss: Double
  /// Unweighted mean over shuffled test batches.
  public let testLoss: Double
  /// Right answers on the test images.
  public let correct: Int
  /// Spent training since the start, without the evaluations.
  public let seconds: Double
}

/// A finished training: the model, how it got there, and what it does on the test images.
public struct TrainingRun: Sendable {
  public let model: Model
  public let history: [EpochRecord]
  public let evaluation: Evaluation
  /// Spent training, without the evaluations.
  public var seconds: Double { history.last?.seconds ?? 0 }

  /// Trains for all epochs of `settings` and measures on `test` after each, as the study does. Nothing is chosen by what is
  /// measured.
  ///
  /// - Parameter report: Called after each epoch; what it throws ends the training.
  public static func train(
    _ model: Model, on train: Examples, test: Examples, _ settings: TrainingSettings,
    report: (EpochRecord) throws -> Void = { _ in }
  ) throws -> TrainingRun {
    let clock = ContinuousClock()
    var start = clock.now
    var session = TrainingSession(model, on: train, settings)
    var seconds = (clock.now - start) / .seconds(1)  // a frozen prefix is computed there
    var evaluator = Evaluator(test, for: model)
    var history: [EpochRecord] = []
    var evaluation = evaluator.evaluate(model)
    while session.epoch < settings.epochs {
      start = clock.now
      let loss = try session.runEpoch()
      seconds += (clock.now - start) / .seconds(1)
      evaluation = evaluator.evaluate(session.model)
      let key = RandomKey(seed: settings.seed, purpose: .evaluationOrder, index: session.epoch)
      let record = EpochRecord(
        epoch: session.epoch, trainLoss: loss,
        testLoss: evaluation.batchMeanLoss(batchSize: 64, shuffledBy: key), correct: evaluation.correct,
        seconds: seconds)
      history.append(record)
      try report(record)
    }
    return TrainingRun(model: session.model, history: history, evaluation: evaluation)
  }
}
