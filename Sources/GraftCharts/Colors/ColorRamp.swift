/// A ramp of colours of one hue from light to dark, for numbers from 0 to 1.
///
/// The tables were computed in OKLCH (Ottosson, "A perceptual color space for image processing", 2020) so that the
/// lightness L* of CIELAB falls in equal steps: twice the step in value looks twice as large.
package struct ColorRamp: Sendable, Equatable {
  /// The colours at 0, 1/8, … 1.
  package let stops: [Color]

  /// A blue ramp from L* 96 to 36.
  package static let blue = ColorRamp(stops: [
    Color(0xedf5fb), Color(0xc6e2fb), Color(0x9ecefb), Color(0x77baf9), Color(0x52a5f3), Color(0x2f90e8),
    Color(0x057cd7), Color(0x0268bb), Color(0x00559f),
  ])
  /// An orange ramp from L* 97 to 60: never so dark that it could be taken for the end of the blue ramp.
  package static let orange = ColorRamp(stops: [
    Color(0xfcf5ec), Color(0xfde6ca), Color(0xfbd6ae), Color(0xf9c594), Color(0xf6b57c), Color(0xf4a464),
    Color(0xf0924d), Color(0xec8036), Color(0xe86d1a),
  ])

  /// The colour for `value`: the nearest end if it lies outside 0...1, the light end if it is not a number.
  package func color(_ value: Double) -> Color {
    guard let first = stops.first, let last = stops.last, value > 0 else { return stops.first ?? Palette.field }
    guard value < 1 else { return last }
    let place = value * Double(stops.count - 1)
    let index = Int(place)
    guard index + 1 < stops.count else { return first }
    return stops[index].mixed(with: stops[index + 1], share: place - Double(index))
  }
}
