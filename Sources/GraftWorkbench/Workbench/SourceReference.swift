import GraftFiles
import GraftNetworks
import GraftTraining

/// A reference to a trial's source, which another trial made or a file holds.
struct SourceReference: Sendable {
  /// The id of the trial, or the SHA-256 of the file.
  let identity: String
  /// The checkpoint from the file; nil for a trial.
  let checkpoint: Checkpoint?
  /// The domain that a trial's source was trained on; nil for a file, whose test images nobody knows.
  let domain: StudyDomain?

  /// - Throws: ``SourceDiverged`` if there is none because its training diverged.
  func model(among models: SourceModels) throws -> Checkpoint {
    guard let checkpoint = try checkpoint ?? models.model(identity) else {
      throw GraftFailure(.internalError, "the source \(identity) was not trained before what starts from it")
    }
    return checkpoint
  }

  /// The right answers on the source's task by a model that started from the source, under the source's own head; nil
  /// if that task is not known.
  func task(after model: Model, _ models: SourceModels) throws -> Tally? {
    guard let domain else { return nil }
    var model = model.attachingHead(of: try self.model(among: models).model)
    model.unfreeze()
    var evaluator = Evaluator(domain.test, for: model)
    return Tally(correct: try evaluator.evaluate(model).checkingOutputs(.diverged).correct, images: domain.test.count)
  }
}
