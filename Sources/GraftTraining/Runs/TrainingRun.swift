import GraftFiles
import GraftNetworks

/// A finished training: the model, its history, and its results on the test images.
public struct TrainingRun: Sendable {
  /// The model with the last epoch's weights.
  public let model: Model
  /// The epochs in order.
  public let history: [EpochRecord]
  /// Results on the test images.
  public let evaluation: Evaluation
  /// Seconds of training, without the evaluations.
  public var seconds: Double { history.last?.seconds ?? 0 }

  /// Trains for all epochs of `settings` and measures on `test` after each, as the study does. Nothing is chosen by the
  /// measurements.
  ///
  /// - Parameter report: Called after each epoch; an error that it throws ends the training.
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
