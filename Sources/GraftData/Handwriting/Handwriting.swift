/// The variation between hands that write synthetic digits. Lengths are shares of a digit's height unless they are in pixels.
///
/// The amounts were chosen so that the study's recipes find on these digits what they find on MNIST, in MNIST's order
/// and near its numbers: softmax regression clearly below the network with a hidden layer, the frozen transfer between
/// them, and the network trained as long with the same optimizer above. Grey levels and widths are close to MNIST's.
struct Handwriting: Sendable {
  /// Position between a style's two forms: 0 is the one, 1 the other.
  var form: (low: Float, high: Float) = (-0.25, 1.25)
  /// Standard deviation of each control point around its place.
  var jitter: Float = 0.035
  /// Largest displacement at a knot of the elastic field.
  var elastic: Float = 0.115
  /// Standard deviation of the rotation, as the tangent of half the angle.
  var rotation: Float = 0.075
  /// Slant: how far the top goes to the right for each step up.
  var slant: (mean: Float, deviation: Float) = (0.15, 0.24)
  /// Widths as multiples of the stroke models' own.
  var width: (low: Float, high: Float) = (0.75, 1.35)
  /// Half the width of a line in pixels: a normal number, cut off.
  var halfWidth: (mean: Float, deviation: Float, low: Float, high: Float) = (1.35, 0.38, 0.6, 2.3)
  /// Standard deviation of the pressure at each control point, as a share of the half width.
  var pressure: Float = 0.12
  /// Half the width in pixels of the soft edge of a line.
  var softness: Float = 0.5
  /// Probability of each kind of accident: haste, a gap, a hook, a stray piece, faint ink.
  var accidents: Float = 0.04
  /// Factor of haste for jitter and elastic distortion.
  var haste: Float = 1.6
  /// Strength of the faintest ink, at most 1.
  var faintest: Float = 0.6
}
