/// A setting that was tried on validation images before the training proper.
public struct TriedSetting: Sendable, Hashable {
  /// The setting in words, `rate 0.05, decay 0.0` or `strength 0.01`.
  public let setting: String
  /// Right answers on the validation images.
  public let correct: Int
  /// Number of validation images.
  public let images: Int
  /// Mean loss on the validation images, in nats.
  public let loss: Double
  /// The temperature that makes the setting's probabilities on the validation images most likely; nil if it diverged.
  public let temperature: Double?
  /// Whether the training proper uses the setting.
  public let isChosen: Bool

  /// A setting with its results on the validation images.
  public init(
    setting: String, correct: Int, images: Int, loss: Double, temperature: Double? = nil, isChosen: Bool
  ) {
    self.setting = setting
    self.correct = correct
    self.images = images
    self.loss = loss
    self.temperature = temperature
    self.isChosen = isChosen
  }
}
