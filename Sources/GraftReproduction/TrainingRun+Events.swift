import GraftNetworks
import GraftTraining

extension TrainingRun {
  /// Trains as ``train(_:on:test:_:report:)`` does, with news under a label.
  static func train(
    _ model: Model, on train: Examples, test: Examples, _ settings: TrainingSettings, label: String,
    report: (TrainingEvent) -> Void
  ) throws -> TrainingRun {
    report(.began(label: label, epochs: settings.epochs))
    defer { report(.ended(label: label)) }
    return try TrainingRun.train(model, on: train, test: test, settings) { record in
      report(.advanced(label: label, epochs: settings.epochs, record: record))
    }
  }
}
