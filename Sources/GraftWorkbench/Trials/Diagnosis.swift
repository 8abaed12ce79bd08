import GraftTraining

/// What is known of a trial's model beside its answers on the target's test images. None of it decides anything in the trial.
public struct Diagnosis: Sendable, Hashable {
  /// On the source's test images: the body as the transfer left it, under the head that the source ended with. Nil where no
  /// source was trained.
  public var sourceTask: Tally?
  /// Of the trial's probabilities on the target's test images; nil where nothing was measured there.
  public var calibration: Calibration?
  /// Of the source on the trial's labelled images; only trials of kind `score` have them.
  public var scores: TransferScores?
  /// Only trials of kind `similarity` have them.
  public var similarities: [LayerSimilarity]

  public init(
    sourceTask: Tally? = nil, calibration: Calibration? = nil, scores: TransferScores? = nil,
    similarities: [LayerSimilarity] = []
  ) {
    self.sourceTask = sourceTask
    self.calibration = calibration
    self.scores = scores
    self.similarities = similarities
  }

  public static let none = Diagnosis()
}

/// How far a model's probabilities can be believed, as they are and after temperature scaling (Guo, Pleiss, Sun and Weinberger,
/// "On Calibration of Modern Neural Networks", ICML 2017).
public struct Calibration: Sendable, Hashable {
  public let before: Reliability
  /// What the logits are divided by: fitted where the trial's settings were chosen, never on test images.
  public let temperature: Double
  public let after: Reliability

  public init(before: Reliability, temperature: Double, after: Reliability) {
    self.before = before
    self.temperature = temperature
    self.after = after
  }
}

/// How alike two models see the same images in one layer.
public struct LayerSimilarity: Sendable, Hashable {
  /// What the two models are in the study: `source`, `scratch`, a method, or `other scratch`.
  public let one: String
  public let other: String
  /// Hidden layers up to and including the compared one.
  public let layer: Int
  /// Linear CKA, 0 to 1; nil where one of the two says the same of every image.
  public let value: Double?

  public init(one: String, other: String, layer: Int, value: Double?) {
    self.one = one
    self.other = other
    self.layer = layer
    self.value = value
  }
}
