import GraftMatrices

/// The values drawn for the colours of one image, in fixed point with 16 bits behind the point.
struct ColorChange: Sendable, Hashable {
  /// Number of bits behind the point.
  static let fraction = 16
  /// The factor 1.
  static let one = 1 << fraction

  /// Factors.
  var brightness = one
  var contrast = one
  var saturation = one
  /// The turn of the hues, in sixths of the circle.
  var hue = 0

  static let none = ColorChange()

  init() {}

  /// Draws one number for each of the four, active or not.
  init(_ augmentation: Augmentation, from stream: inout RandomStream) {
    func fixed(_ value: Double) -> Int { Int((Double(ColorChange.one) * value).rounded()) }
    func factor(_ limit: Double, _ uniform: Float) -> Int {
      let least = max(0, 1 - limit)
      return fixed(least + (1 + limit - least) * Double(uniform))
    }
    brightness = factor(augmentation.brightness, stream.uniform())
    contrast = factor(augmentation.contrast, stream.uniform())
    saturation = factor(augmentation.saturation, stream.uniform())
    hue = fixed(6 * augmentation.hue * (2 * Double(stream.uniform()) - 1))
  }
}
