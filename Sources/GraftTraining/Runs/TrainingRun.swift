import GraftFiles
import GraftNetworks

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
    var training = TrackedTraining(model, on: train, settings, watching: .measuring(test))
    try training.run { _, record in try report(record) }
    var evaluator = Evaluator(test, for: model)
    return TrainingRun(
      model: training.model, history: training.history,
      evaluation: try evaluator.evaluate(training.model).checkingOutputs(.diverged))
  }
}
