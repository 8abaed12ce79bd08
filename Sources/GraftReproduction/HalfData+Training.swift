import GraftData
import GraftFiles
import GraftNetworks
import GraftTraining

extension HalfData {
  /// Trains on this half and measures on its test images after each epoch, as the study does. Nothing is chosen by the
  /// measurements.
  ///
  /// - Parameter share: The part of the training images that is used; drawn with the settings' seed.
  func train(
    _ model: Model, _ settings: TrainingSettings, on share: Share = .all, title: String,
    record: JSON.Object = JSON.Object(), report: (TrainingEvent) -> Void
  ) throws -> TrainedModel {
    let training = Training(
      plan: TransferPlan(training: model, settings), outputs: outputs, normalization: .unit, data: pair, title: title,
      provenance: [])
    let images = share == .all ? pair.train : try pair.train.share(share, seed: settings.seed)
    let examples = share == .all ? train : try Examples(images, outputs: outputs, normalization: .unit)
    return try training.run(
      on: Training.Parts(
        trainData: images, testData: pair.test, train: examples, watch: .measuring(test), test: test),
      record: record, report: report)
  }
}
