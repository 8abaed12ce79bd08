import GraftTraining

/// The measurements of a trial's model beside its answers on the target's test images. None of them decides anything in
/// the trial.
package struct Diagnosis: Sendable, Hashable {
  /// The right answers on the source's test images: the body as the transfer left it, under the head that the source
  /// ended with. Nil if no source was trained.
  package var sourceTask: Tally?
  /// The calibration of the trial's probabilities on the target's test images; nil if nothing was measured there.
  package var calibration: Calibration?
  /// The scores of the source on the trial's labelled images; only trials of kind `score` have them.
  package var scores: TransferScores?
  /// The similarities of models, layer by layer; only trials of kind `similarity` have them.
  package var similarities: [LayerSimilarity]
  /// Why the training did not end, if it diverged; nil otherwise. Such a trial has no answers.
  package var divergence: String?

  /// Creates a diagnosis.
  package init(
    sourceTask: Tally? = nil, calibration: Calibration? = nil, scores: TransferScores? = nil,
    similarities: [LayerSimilarity] = [], divergence: String? = nil
  ) {
    self.sourceTask = sourceTask
    self.calibration = calibration
    self.scores = scores
    self.similarities = similarities
    self.divergence = divergence
  }

  /// A diagnosis in which nothing was measured.
  package static let none = Diagnosis()
}

/// The reliability of a model's probabilities, as they are and after temperature scaling (Guo, Pleiss, Sun and
/// Weinberger, "On Calibration of Modern Neural Networks", ICML 2017).
package struct Calibration: Sendable, Hashable {
  /// The reliability before temperature scaling.
  package let before: Reliability
  /// The divisor of the logits, fitted on validation images, on folds of the labelled images or in rehearsals, never on
  /// test images.
  package let temperature: Double
  /// The reliability after temperature scaling.
  package let after: Reliability

  /// Creates a calibration.
  package init(before: Reliability, temperature: Double, after: Reliability) {
    self.before = before
    self.temperature = temperature
    self.after = after
  }
}

/// The similarity of two models in one layer, on the same images.
package struct LayerSimilarity: Sendable, Hashable {
  /// The first model's part in the study: `source`, `scratch`, a method, or `other scratch`.
  package let one: String
  /// The second model's part in the study.
  package let other: String
  /// The number of hidden layers up to and including the compared one.
  package let layer: Int
  /// Linear CKA, 0 to 1; nil if one of the two says the same of every image.
  package let value: Double?

  /// Creates a similarity.
  package init(one: String, other: String, layer: Int, value: Double?) {
    self.one = one
    self.other = other
    self.layer = layer
    self.value = value
  }
}
