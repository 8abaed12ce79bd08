/// A colour in sRGB, 8 bits a channel.
package struct Color: Sendable, Hashable {
  /// The red channel, from 0 to 255.
  package var red: UInt8
  /// The green channel, from 0 to 255.
  package var green: UInt8
  /// The blue channel, from 0 to 255.
  package var blue: UInt8

  /// A colour from `0xRRGGBB`.
  package init(_ code: UInt32) {
    red = UInt8(truncatingIfNeeded: code >> 16)
    green = UInt8(truncatingIfNeeded: code >> 8)
    blue = UInt8(truncatingIfNeeded: code)
  }

  /// The colour as `#rrggbb`.
  package var hex: String {
    "#"
      + [red, green, blue].map { channel in
        (channel < 16 ? "0" : "") + String(channel, radix: 16)
      }.joined()
  }

  // MARK: - Contrast

  /// Relative luminance from 0 (black) to 1 (white), as WCAG 2.2 defines it.
  package var luminance: Double {
    0.2126 * Self.linear(red) + 0.7152 * Self.linear(green) + 0.0722 * Self.linear(blue)
  }

  /// The contrast ratio of WCAG 2.2, from 1 to 21. Small text needs 4.5 (level AA).
  package func contrast(with other: Color) -> Double {
    let (dark, light) = (min(luminance, other.luminance), max(luminance, other.luminance))
    return (light + 0.05) / (dark + 0.05)
  }

  /// The colour of small text on this background, with a contrast of at least 4.5.
  ///
  /// White or black reaches 4.58 on every colour. The softer ink is taken if its contrast is enough.
  package var textColor: Color {
    [Palette.ink, Palette.background].first { $0.contrast(with: self) >= 4.5 } ?? Color(0x000000)
  }

  /// The colour, mixed with as much black as small text in it needs on white.
  package var readable: Color {
    for percent in stride(from: 0, to: 100, by: 2) {
      let candidate = mixed(with: Color(0x000000), share: Double(percent) / 100)
      if candidate.contrast(with: Palette.background) >= 4.5 { return candidate }
    }
    return Palette.ink
  }

  // MARK: - Mixing

  /// The mean of two colours, channel by channel, with a `share` of `other` from 0 to 1.
  package func mixed(with other: Color, share: Double) -> Color {
    let share = share.isFinite ? min(max(share, 0), 1) : 0
    func mix(_ low: UInt8, _ high: UInt8) -> UInt8 {
      UInt8((Double(low) + (Double(high) - Double(low)) * share).rounded())
    }
    var result = self
    result.red = mix(red, other.red)
    result.green = mix(green, other.green)
    result.blue = mix(blue, other.blue)
    return result
  }

  /// The light that a channel stands for, from 0 to 1: the transfer curve of sRGB.
  private static func linear(_ channel: UInt8) -> Double {
    let value = Double(channel) / 255
    guard value > 0.04045 else { return value / 12.92 }
    let base = (value + 0.055) / 1.055
    // base^2.4 = base² · (base²)^(1/5), and the fifth root by Newton's method: no C library, see `Decade`.
    let square = base * base
    var root = 1.0
    for _ in 0..<12 { root = (4 * root + square / (root * root * root * root)) / 5 }
    return square * root
  }
}
