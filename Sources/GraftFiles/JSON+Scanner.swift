extension JSON {
  /// A strict reader of JSON, token by token; offsets in its errors are the slice's own indices.
  ///
  /// Two parsers are built on it: the one for whole values, and the reader of safetensors headers, which needs the
  /// position of each name and must not build a tree of a hostile header's hundred megabytes.
  struct Scanner {
    /// The deepest nesting of arrays and objects that is accepted: the parser is recursive.
    static let depthLimit = 64

    let bytes: ArraySlice<UInt8>
    private(set) var offset: Int
    /// Number of values that may still be parsed; it bounds memory by more than the input's size.
    private var budget: Int

    init(_ bytes: ArraySlice<UInt8>, valueLimit: Int) throws(FormatError) {
      self.bytes = bytes
      self.offset = bytes.startIndex
      self.budget = valueLimit
      if bytes.starts(with: [0xef, 0xbb, 0xbf]) {
        throw .expected("JSON in UTF-8 without a byte order mark", found: "a byte order mark", offset: offset)
      }
    }

    // MARK: Tokens

    /// The next byte that is not white space, without reading it; nil at the end.
    mutating func peek() -> UInt8? {
      while let byte = current {
        guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return byte }
        offset += 1
      }
      return nil
    }

    /// Skips `character`; returns false and does not move if another byte is next.
    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard peek() == UInt8(ascii: character) else { return false }
      offset += 1
      return true
    }

    /// Skips `character`, or fails and names what was expected.
    mutating func expect(_ character: Unicode.Scalar, _ what: String) throws(FormatError) {
      guard take(character) else { throw unexpected(what) }
    }

    /// Fails if anything but white space is left.
    mutating func expectEnd() throws(FormatError) {
      guard peek() == nil else { throw unexpected("the end of the JSON text") }
    }

    /// Counts one value against the budget.
    mutating func spend() throws(FormatError) {
      guard budget > 0 else { throw FormatError(offset: offset, problem: "too many values in the JSON text") }
      budget -= 1
    }

    /// An error at the current position that names what is there instead.
    func unexpected(_ expected: String) -> FormatError {
      .expected(expected, found: describe(current), offset: offset)
    }

    // MARK: Values

    /// Runs `body` for each key of an object, with the key's position; `body` must read the value.
    mutating func readMembers(
      of what: String, _ body: (inout Scanner, _ key: String, _ offset: Int) throws(FormatError) -> Void
    ) throws(FormatError) {
      try expect("{", what)
      if take("}") { return }
      var names = NameSet()
      repeat {
        guard peek() == UInt8(ascii: "\"") else { throw unexpected("a key in quotation marks") }
        let position = offset
        let key = try readString("a key in quotation marks")
        guard names.insert(key) else {
          throw FormatError(offset: position, problem: "the key \(quoted(key)) is there twice")
        }
        try expect(":", "':' after the key \(quoted(key))")
        try body(&self, key, position)
      } while take(",")
      try expect("}", "',' or '}'")
    }

    /// Runs `body` for each element of an array; `body` must read it.
    mutating func readElements(
      of what: String, _ body: (inout Scanner) throws(FormatError) -> Void
    ) throws(FormatError) {
      try expect("[", what)
      if take("]") { return }
      repeat { try body(&self) } while take(",")
      try expect("]", "',' or ']'")
    }

    /// Reads a value of any kind.
    mutating func readValue(depth: Int = 0) throws(FormatError) -> JSON {
      try spend()
      switch peek() {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        guard depth < Self.depthLimit else {
          throw FormatError(offset: offset, problem: "more than \(Self.depthLimit) arrays or objects in each other")
        }
        return try readContainer(depth: depth + 1)
      case UInt8(ascii: "\""): return .string(try readString("a string"))
      case UInt8(ascii: "-"): return try readNumber()
      case let byte? where Self.isDigit(byte): return try readNumber()
      case UInt8(ascii: "t"): return try readWord("true", .bool(true))
      case UInt8(ascii: "f"): return try readWord("false", .bool(false))
      case UInt8(ascii: "n"): return try readWord("null", .null)
      default: throw unexpected("a JSON value")
      }
    }

    private mutating func readContainer(depth: Int) throws(FormatError) -> JSON {
      if peek() == UInt8(ascii: "[") {
        var elements: [JSON] = []
        try readElements(of: "'['") { (scanner: inout Scanner) throws(FormatError) in
          elements.append(try scanner.readValue(depth: depth))
        }
        return .array(elements)
      }
      var members: [Object.Member] = []
      try readMembers(of: "'{'") { (scanner: inout Scanner, key: String, _: Int) throws(FormatError) in
        members.append(Object.Member(key: key, value: try scanner.readValue(depth: depth)))
      }
      return .object(Object(uniqueMembers: members))
    }

    private mutating func readWord(_ word: StaticString, _ value: JSON) throws(FormatError) -> JSON {
      for character in word.description.utf8 {
        guard current == character else { throw unexpected("'\(word)'") }
        offset += 1
      }
      return value
    }

    // MARK: Bytes, for the extensions in other files

    var current: UInt8? { offset < bytes.endIndex ? bytes[offset] : nil }

    mutating func advance() { offset += 1 }

    private func describe(_ byte: UInt8?) -> String {
      switch byte {
      case nil: "the end of the JSON text"
      case 0?: "a NUL byte"
      case let byte? where byte > 0x20 && byte < 0x7f: "'\(Unicode.Scalar(byte))'"
      case let byte?: "byte \(hexadecimal(byte))"
      }
    }
  }
}
