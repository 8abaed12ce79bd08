/// A setting that was tried on validation images before the training proper.
package struct TriedSetting: Sendable, Hashable {
  /// The setting in words, `rate 0.05, decay 0.0` or `strength 0.01`.
  package let setting: String
  /// Right answers on the validation images.
  package let correct: Int
  /// Number of validation images.
  package let images: Int
  /// Mean loss on the validation images, in nats.
  package let loss: Double
  /// The temperature that makes the setting's probabilities on the validation images most likely; nil if it diverged.
  package let temperature: Double?
  /// Whether the training proper uses the setting.
  package let isChosen: Bool

  /// A setting with its results on the validation images.
  package init(
    setting: String, correct: Int, images: Int, loss: Double, temperature: Double? = nil, isChosen: Bool
  ) {
    self.setting = setting
    self.correct = correct
    self.images = images
    self.loss = loss
    self.temperature = temperature
    self.isChosen = isChosen
  }

  /// The same setting, chosen or not.
  func marked(isChosen: Bool) -> TriedSetting {
    TriedSetting(
      setting: setting, correct: correct, images: images, loss: loss, temperature: temperature, isChosen: isChosen)
  }
}
