/// A setting that was tried on validation images before the training proper.
public struct TriedSetting: Sendable, Hashable {
  /// `rate 0.05` or `strength 0.01`.
  public let setting: String
  /// Right answers on the validation images, and their mean loss.
  public let correct: Int
  public let images: Int
  public let loss: Double
  /// The temperature that makes the setting's probabilities on the validation images most likely; nil if it diverged.
  public let temperature: Double?
  public let isChosen: Bool

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
