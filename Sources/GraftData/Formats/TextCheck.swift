import GraftFiles

/// A check that text has no NUL, piece by piece, so that gigabytes of other data are refused at the first.
struct TextCheck {
  /// The line of the next byte.
  private var line = 1
  private var endsWithReturn = false

  /// - Throws: `FormatError` with the line of the first NUL.
  mutating func callAsFunction(_ piece: ArraySlice<UInt8>) throws(FormatError) {
    let end = piece.firstIndex(of: 0)
    countLines(piece[..<(end ?? piece.endIndex)])
    if end != nil { throw FormatError(problem: "line \(line): expected text, found a NUL byte") }
  }

  /// Lines end with a line feed, a carriage return or both.
  private mutating func countLines(_ text: ArraySlice<UInt8>) {
    for byte in text {
      if byte == 0x0d || byte == 0x0a && !endsWithReturn { line += 1 }
      endsWithReturn = byte == 0x0d
    }
  }
}
