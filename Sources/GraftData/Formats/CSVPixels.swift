import GraftFiles

/// The pixels of a table as they are read: bytes, until the first that is none.
struct CSVPixels {
  private var bytes: [UInt8] = []
  private var decimals: [Double] = []
  private var areBytes = true
  /// Whether a number has a point or an exponent.
  private var hasDecimals = false
  /// A number with its place.
  private typealias Placed = (line: Int, column: Int, value: Double)
  /// The first whole number that is not from 0 to 255.
  private var wide: Placed?
  /// The first number below -1 or above 255, which is a pixel of no scale.
  private var outlier: Placed?
  /// The first number below zero, and how many there are.
  private var negative: (first: Placed, count: Int)?
  /// The first number above one that is no byte.
  private var large: Placed?

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
    let placed = (line, column, number.value)
    if number.isWhole, wide == nil { wide = placed }
    // Beyond the tolerances of `PixelScale`.
    if number.value < -1.01 || number.value > 255.49, outlier == nil { outlier = placed }
    if number.value < -0.01 { negative = (negative?.first ?? placed, (negative?.count ?? 0) + 1) }
    if number.value > 1.01, large == nil { large = placed }
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

  /// The error about the first decimal that does not fit the others, if their range is not one of pixels: one beyond all scales,
  /// or the first of the few that are below zero or above one. Nil if none stands out.
  var misfit: FormatError? {
    func error(_ place: Placed) -> FormatError {
      FormatError(
        problem:
          "line \(place.line), column \(place.column): expected a pixel from 0 to 255, from 0 to 1 or from -1 to 1 "
          + "as in the other fields, found \(numberText(place.value))")
    }
    if areBytes { return nil }
    if let outlier { return error(outlier) }
    guard let negative else { return nil }
    let largeCount = decimals.count { $0 > 1.01 }
    guard largeCount > 0 else { return nil }
    return error(negative.count <= largeCount ? negative.first : large ?? negative.first)
  }
}
