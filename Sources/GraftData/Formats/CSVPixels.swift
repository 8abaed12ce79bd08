import GraftFiles

/// The pixels of a table as they are read: bytes, until the first that is none.
struct CSVPixels {
  private var bytes: [UInt8] = []
  private var decimals: [Double] = []
  private var areBytes = true
  /// Whether a number has a point or an exponent.
  private var hasDecimals = false
  /// The first whole number that is not from 0 to 255.
  private var wide: (line: Int, column: Int, value: Double)?

  init(capacity: Int) {
    bytes.reserveCapacity(capacity)
  }

  var isEmpty: Bool { areBytes ? bytes.isEmpty : decimals.isEmpty }

  @inline(__always)
  mutating func append(_ byte: UInt8) {
    if areBytes { bytes.append(byte) } else { decimals.append(Double(byte)) }
  }

  mutating func append(_ number: CSVNumber, line: Int, column: Int) {
    let isByte = number.isWhole && number.value >= 0 && number.value <= 255
    if isByte { return append(UInt8(number.value)) }
    if number.isWhole, wide == nil { wide = (line, column, number.value) }
    if !number.isWhole { hasDecimals = true }
    if areBytes {
      decimals += bytes.lazy.map(Double.init)
      bytes = []
      areBytes = false
    }
    decimals.append(number.value)
  }

  /// - Throws: `FormatError` for a whole number that is no pixel.
  func values() throws(FormatError) -> CSVTable.Values {
    if areBytes { return .bytes(bytes) }
    if !hasDecimals, let wide {
      throw FormatError(
        problem: "line \(wide.line), column \(wide.column): expected a pixel from 0 to 255, found "
          + numberText(wide.value))
    }
    return .decimals(decimals)
  }
}
