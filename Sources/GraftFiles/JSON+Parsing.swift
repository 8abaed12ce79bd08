extension JSON {
  /// The most values that a text may have by default; a value takes some 30 bytes of memory.
  package static let defaultValueLimit = 10_000_000

  /// Parses one JSON text (RFC 8259) strictly: UTF-8 without byte order mark, no comments, no trailing comma, no
  /// duplicate key, at most 64 nested arrays and objects, numbers within the range of `Double`.
  /// - Parameter valueLimit: The most values, nested ones included.
  /// - Throws: `FormatError` with the position of the byte, as an index of the slice.
  package init(parsing bytes: ArraySlice<UInt8>, valueLimit: Int = defaultValueLimit) throws(FormatError) {
    var scanner = try Scanner(bytes, valueLimit: valueLimit)
    self = try scanner.readValue()
    try scanner.expectEnd()
  }

  package init(parsing bytes: [UInt8], valueLimit: Int = defaultValueLimit) throws(FormatError) {
    try self.init(parsing: bytes[...], valueLimit: valueLimit)
  }

  package init(parsing text: String, valueLimit: Int = defaultValueLimit) throws(FormatError) {
    try self.init(parsing: Array(text.utf8)[...], valueLimit: valueLimit)
  }
}
