/// Powers and logarithms to base 10 without the C library, whose last bits differ between systems. A chart must have
/// the same bytes everywhere.
enum Decade {
  /// 10^`exponent`, correctly rounded; 0 or infinity beyond the range of `Double`.
  static func power(_ exponent: Int) -> Double { value(1, exponent: exponent) }

  /// `mantissa` · 10^`exponent`, correctly rounded: reading a literal is exact, multiplying is not.
  static func value(_ mantissa: Int, exponent: Int) -> Double {
    Double("\(mantissa)e\(exponent)") ?? (exponent < 0 || mantissa == 0 ? 0 : .infinity)
  }

  /// 10^`exponent` for a fractional exponent, to about 1e-14.
  static func power(_ exponent: Double) -> Double {
    guard abs(exponent) < 330 else { return exponent < 0 ? 0 : .infinity }
    let binary = exponent * 3.321928094887362
    let whole = binary.rounded()
    // e^x for |x| ≤ ln 2 / 2 by its series.
    let x = (binary - whole) * 0.6931471805599453
    var term = 1.0
    var sum = 1.0
    for n in 1...16 {
      term *= x / Double(n)
      sum += term
    }
    return Double(sign: .plus, exponent: Int(whole), significand: sum)
  }

  /// log₁₀ of a positive finite number, to about 1e-15.
  static func logarithm(_ value: Double) -> Double {
    guard value > 0 else { return -.infinity }
    guard value.isFinite else { return .infinity }
    var exponent = Double(value.exponent)
    var significand = value.significand
    if significand > 1.4142135623730951 {
      significand /= 2
      exponent += 1
    }
    // ln m = 2 artanh((m − 1) / (m + 1)): here |z| ≤ 0.172, and z² shrinks the terms by 34 each.
    let z = (significand - 1) / (significand + 1)
    let square = z * z
    var sum = 0.0
    for n in stride(from: 23, through: 1, by: -2) { sum = sum * square + 1 / Double(n) }
    return exponent * 0.30102999566398120 + 2 * z * sum * 0.43429448190325182
  }

  /// The greatest n with 10ⁿ ≤ `value`, for a positive finite number.
  static func exponent(of value: Double) -> Int {
    guard value > 0, value.isFinite else { return 0 }
    let guess = Int(logarithm(value).rounded(.down))
    // The logarithm of an exact power of ten may come out on either side of the integer.
    if power(guess + 1) <= value { return guess + 1 }
    return power(guess) <= value ? guess : guess - 1
  }
}
