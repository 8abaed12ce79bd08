/// A number in a field of a table: `255`, `-0.5`, `1.25e-2`.
struct CSVNumber {
  let value: Double
  /// Whether it is written without a point and an exponent.
  let isWhole: Bool

  /// - Parameters:
  ///   - bytes: The table.
  ///   - range: The bytes of the field; blanks around the number do not count.
  /// - Returns: Nil for everything else: words, `nan`, `inf`, numbers in other bases, decimal commas, numbers too
  ///   large.
  init?(_ bytes: [UInt8], in range: Range<Int>) {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
    var (position, end) = (range.lowerBound, range.upperBound)
    while position < end, isBlank(bytes[position]) { position += 1 }
    while position < end, isBlank(bytes[end - 1]) { end -= 1 }
    let start = position
    var isNegative = false
    if position < end, bytes[position] == UInt8(ascii: "-") || bytes[position] == UInt8(ascii: "+") {
      isNegative = bytes[position] == UInt8(ascii: "-")
      position += 1
    }
    // Up to 19 digits are exact in 64 bits; zeros in front and behind a point's last digit change nothing.
    var digits: UInt64 = 0
    var significant = 0
    var scale = 0
    var isExact = true
    var count = 0
    var pendingZeros = 0
    func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
    func add(_ digit: UInt8) {
      digits = digits &* 10 &+ UInt64(digit)
      if digits > 0 { significant += 1 }
      if significant > 19 { isExact = false }
    }
    while position < end, isDigit(bytes[position]) {
      add(bytes[position] &- 0x30)
      count += 1
      position += 1
    }
    var isWhole = true
    if position < end, bytes[position] == UInt8(ascii: ".") {
      isWhole = false
      position += 1
      while position < end, isDigit(bytes[position]) {
        let digit = bytes[position] &- 0x30
        if digit == 0 {
          pendingZeros += 1
        } else {
          for _ in 0..<pendingZeros { add(0) }
          add(digit)
          scale += pendingZeros + 1
          pendingZeros = 0
        }
        count += 1
        position += 1
      }
    }
    guard count > 0 else { return nil }
    var exponent = 0
    if position < end, bytes[position] | 0x20 == UInt8(ascii: "e") {
      isWhole = false
      position += 1
      var isDown = false
      if position < end, bytes[position] == UInt8(ascii: "-") || bytes[position] == UInt8(ascii: "+") {
        isDown = bytes[position] == UInt8(ascii: "-")
        position += 1
      }
      guard position < end, isDigit(bytes[position]) else { return nil }
      while position < end, isDigit(bytes[position]) {
        exponent = min(exponent * 10 + Int(bytes[position] &- 0x30), 100_000)
        position += 1
      }
      if isDown { exponent = -exponent }
    }
    guard position == end else { return nil }
    exponent -= scale
    // A product or quotient of two exact numbers is rounded once (Clinger, "How to read floating point numbers
    // accurately", 1990). More than 2^53 are rounded twice, which no pixel shows.
    let magnitude: Double
    if digits == 0, isExact {
      magnitude = 0
    } else if isExact, abs(exponent) < CSVNumber.powers.count {
      let power = CSVNumber.powers[abs(exponent)]
      magnitude = exponent < 0 ? Double(digits) / power : Double(digits) * power
    } else {
      guard let parsed = Double(String(decoding: bytes[start..<end], as: UTF8.self)) else { return nil }
      magnitude = abs(parsed)
    }
    guard magnitude.isFinite else { return nil }
    value = isNegative ? -magnitude : magnitude
    self.isWhole = isWhole
  }

  /// The powers of ten that are exact.
  private static let powers: [Double] = (0...22).map { exponent in (0..<exponent).reduce(1.0) { power, _ in power * 10 }
  }
}
