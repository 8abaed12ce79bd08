/// Numbers as text, without a locale: the same digits on every machine.
///
/// `description` would print `0.30000000000000004`, and Foundation's formatters differ between systems.
package enum NumberText {
  /// The minus sign U+2212, as wide as a plus sign; a hyphen is too short before a digit.
  package static let minus = "\u{2212}"
  /// The text for a value that is not a number: an en dash.
  static let missing = "\u{2013}"

  /// A coordinate for SVG: at most two decimals, no trailing zeros, never `-0`. A value that is not a number becomes zero.
  static func coordinate(_ value: Double) -> String {
    let hundredths = (value * 100).rounded()
    guard hundredths.isFinite, abs(hundredths) < 0x1p53 else { return "0" }
    return withoutEndingZeros(decimal(Int(hundredths), exponent: -2, grouped: false, minus: "-"))
  }

  /// Removes ending zeros: `7` for `7.00`, `0.04` for `0.0400`; a number without a point stays as it is.
  package static func withoutEndingZeros(_ text: String) -> String {
    guard text.contains(".") else { return text }
    var text = text
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }

  /// `integer` · 10^`exponent`, exactly, with thousands separated from 10,000 on.
  static func decimal(
    _ integer: Int, exponent: Int, grouped: Bool = true, minus: String = NumberText.minus
  ) -> String {
    var digits = String(integer.magnitude)
    var fraction = ""
    if exponent >= 0 {
      if integer != 0 { digits += String(repeating: "0", count: exponent) }
    } else {
      let missing = -exponent + 1 - digits.count
      if missing > 0 { digits = String(repeating: "0", count: missing) + digits }
      fraction = "." + digits.suffix(-exponent)
      digits.removeLast(-exponent)
    }
    return (integer < 0 ? minus : "") + (grouped ? groupedThousands(digits) : digits) + fraction
  }

  /// `value` with a fixed number of decimals; with three significant digits if a `Double` has no more.
  static func fixed(_ value: Double, decimals: Int) -> String {
    guard value.isFinite else { return missing }
    let scaled = (value * Decade.power(decimals)).rounded()
    guard abs(scaled) < 1e15 else { return significant(value, digits: 3) }
    return decimal(Int(scaled), exponent: -decimals)
  }

  /// `value` with `digits` significant digits: plain between 0.0001 and a million, else as `2.50×10⁻⁷`.
  static func significant(_ value: Double, digits: Int) -> String {
    guard value.isFinite else { return missing }
    guard value != 0 else { return "0" }
    var exponent = Decade.exponent(of: abs(value))
    var scaled = (value / Decade.power(exponent - digits + 1)).rounded()
    // 9.996 rounds up to four digits.
    if abs(scaled) >= Decade.power(digits) {
      scaled /= 10
      exponent += 1
    }
    guard scaled.isFinite, abs(scaled) < 1e15 else { return missing }
    let integer = Int(scaled)
    if exponent >= -4 && exponent < 6 { return decimal(integer, exponent: exponent - digits + 1) }
    return decimal(integer, exponent: 1 - digits) + "×" + powerOfTen(exponent)
  }

  /// A power of ten, such as `10⁻⁵`.
  static func powerOfTen(_ exponent: Int) -> String {
    let raised: [Character: Character] = [
      "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷", "8": "⁸", "9": "⁹",
    ]
    return "10" + String(String(exponent).map { raised[$0] ?? $0 })
  }

  /// A share between 0 and 1 in percent; the en dash for no share.
  static func percent(_ share: Double?, decimals: Int) -> String {
    guard let share, share.isFinite else { return missing }
    return fixed(share * 100, decimals: decimals) + "%"
  }

  private static func groupedThousands(_ digits: String) -> String {
    guard digits.count > 4 else { return digits }
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0 && (digits.count - index) % 3 == 0 { result.append(",") }
      result.append(digit)
    }
    return result
  }
}
