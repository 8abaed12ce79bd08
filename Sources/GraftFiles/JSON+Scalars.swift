extension JSON.Scanner {
  // MARK: Numbers

  /// Whether a number starts at the current byte.
  var startsNumber: Bool { current == UInt8(ascii: "-") || Self.isDigit(current) }

  /// Reads `-? (0 | [1-9][0-9]*) (\.[0-9]+)? ([eE][+-]?[0-9]+)?` (RFC 8259, section 6).
  mutating func readNumber() throws(FormatError) -> JSON {
    let start = offset
    var isInteger = true
    if current == UInt8(ascii: "-") { advance() }
    if current == UInt8(ascii: "0") {
      advance()
      if Self.isDigit(current) { throw FormatError(offset: start, problem: "a number must not start with a zero") }
    } else {
      try skipDigits()
    }
    if current == UInt8(ascii: ".") {
      isInteger = false
      advance()
      try skipDigits()
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      isInteger = false
      advance()
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { advance() }
      try skipDigits()
    }
    let text = String(decoding: bytes[start..<offset], as: UTF8.self)
    // -0 is read as a number, to keep its sign; it is not an integer.
    if isInteger, text != "-0", let value = Int(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else {
      throw FormatError(offset: start, problem: "the number \(quoted(text)) is out of range")
    }
    return .number(value)
  }

  private mutating func skipDigits() throws(FormatError) {
    guard Self.isDigit(current) else { throw unexpected("a digit") }
    while Self.isDigit(current) { advance() }
  }

  static func isDigit(_ byte: UInt8?) -> Bool {
    guard let byte else { return false }
    return (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  // MARK: Strings

  /// Reads a string in quotation marks (RFC 8259, section 7), with its UTF-8 and its surrogate pairs checked.
  mutating func readString(_ what: String) throws(FormatError) -> String {
    try expect("\"", what)
    var text: [UInt8] = []
    var start = offset
    while let byte = current {
      switch byte {
      case UInt8(ascii: "\""):
        text += bytes[start..<offset]
        advance()
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        text += bytes[start..<offset]
        try readEscape(into: &text)
        start = offset
      case 0..<0x20:
        throw .expected("control characters as escapes", found: "byte \(hexadecimal(byte))", offset: offset)
      case 0x80...: try skipScalar(startingWith: byte)
      default: advance()
      }
    }
    throw unexpected("'\"' at the end of the string")
  }

  private mutating func readEscape(into text: inout [UInt8]) throws(FormatError) {
    let start = offset
    advance()
    let escape = current
    if escape != nil { advance() }
    switch escape {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): if let escape { text.append(escape) }
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0c)
    case UInt8(ascii: "n"): text.append(0x0a)
    case UInt8(ascii: "r"): text.append(0x0d)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"): text += String(try readUnicodeEscape(from: start)).utf8
    default: throw FormatError(offset: start, problem: "no such escape in a JSON string")
    }
  }

  /// Reads the rest of `\uXXXX`, and the second escape if the first is the high half of a surrogate pair.
  private mutating func readUnicodeEscape(from start: Int) throws(FormatError) -> Character {
    let first = try readFourDigits()
    if let scalar = Unicode.Scalar(first) { return Character(scalar) }
    if first < 0xdc00, current == UInt8(ascii: "\\") {
      advance()
      if current == UInt8(ascii: "u") {
        advance()
        let second = try readFourDigits()
        if (0xdc00...0xdfff).contains(second),
          let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
        {
          return Character(scalar)
        }
      }
    }
    throw FormatError(offset: start, problem: "half a surrogate pair in a JSON string")
  }

  private mutating func readFourDigits() throws(FormatError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        throw unexpected("four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      advance()
    }
    return value
  }

  /// Skips one scalar of two to four bytes if it is well-formed (Unicode 15, table 3-7): no overlong forms, no
  /// surrogates, nothing above U+10FFFF.
  private mutating func skipScalar(startingWith lead: UInt8) throws(FormatError) {
    let start = offset
    let second: ClosedRange<UInt8>
    let length: Int
    switch lead {
    case 0xc2...0xdf: (length, second) = (2, 0x80...0xbf)
    case 0xe0: (length, second) = (3, 0xa0...0xbf)
    case 0xed: (length, second) = (3, 0x80...0x9f)
    case 0xe1...0xef: (length, second) = (3, 0x80...0xbf)
    case 0xf0: (length, second) = (4, 0x90...0xbf)
    case 0xf4: (length, second) = (4, 0x80...0x8f)
    case 0xf1...0xf3: (length, second) = (4, 0x80...0xbf)
    default: throw .expected("UTF-8", found: "byte \(hexadecimal(lead))", offset: start)
    }
    advance()
    for position in 1..<length {
      let allowed = position == 1 ? second : 0x80...0xbf
      guard let byte = current, allowed.contains(byte) else {
        throw .expected("UTF-8", found: "a sequence that breaks off after \(byteCount(offset - start))", offset: start)
      }
      advance()
    }
  }
}
