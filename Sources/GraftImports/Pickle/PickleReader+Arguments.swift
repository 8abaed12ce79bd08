import GraftFiles

// The bytes after an instruction.

extension PickleReader {
  /// The longest name of a module, class or function, in bytes.
  private static let nameLimit = 256

  mutating func readFraming(_ opcode: PickleOpcode) throws(FormatError) {
    if opcode == .proto {
      let version = try reader.readUInt8(as: "the pickle's protocol")
      guard (2...5).contains(version) else {
        throw .expected("a pickle of protocol 2 to 5", found: "\(version)", offset: position)
      }
    } else {
      // Frames tell a reader how much to fetch at once; everything is here already.
      let length = try reader.readLittleEndianUInt64(as: "the length of a frame")
      guard length <= UInt64(reader.remaining) else {
        throw .expected("a frame of \(length) bytes", found: byteCount(reader.remaining), offset: position)
      }
    }
  }

  /// Reads a value without parts.
  mutating func readPlainValue(_ opcode: PickleOpcode) throws(FormatError) -> PickleValue {
    switch opcode {
    case .newTrue: return .bool(true)
    case .newFalse: return .bool(false)
    case .binInt: return .integer(Int(Int32(bitPattern: try reader.readLittleEndianUInt32(as: "a number"))))
    case .binInt1: return .integer(Int(try reader.readUInt8(as: "a number")))
    case .binInt2: return .integer(Int(try reader.readLittleEndianUInt16(as: "a number")))
    case .long1: return try readLong()
    case .binFloat: return .float(Double(bitPattern: try reader.readLittleEndianUInt64(as: "a number").byteSwapped))
    case .binUnicode: return try readText(length: Int(try reader.readLittleEndianUInt32(as: "the length of a text")))
    case .shortBinUnicode, .shortBinString:
      return try readText(length: Int(try reader.readUInt8(as: "the length of a text")))
    case .binString:
      // Signed in this instruction alone; a length below 0 is refused like one beyond the end.
      let length = Int32(bitPattern: try reader.readLittleEndianUInt32(as: "the length of a text"))
      guard length >= 0 else { throw failure("expected the length of a text, found \(length)") }
      return try readText(length: Int(length))
    default: return .none
    }
  }

  /// Reads a name written as two lines.
  mutating func readName() throws(FormatError) -> PickleName {
    let module = try readLine()
    let name = try readLine()
    return try PickleName(module: module, name: name, offset: position)
  }

  /// The name that two texts are.
  func name(_ parts: [PickleValue]) throws(FormatError) -> PickleName {
    guard parts.count == 2, case .text(let module) = parts[0], case .text(let name) = parts[1] else {
      throw failure("expected a name of two texts, found \(parts.map(\.kind).joined(separator: " and "))")
    }
    return try PickleName(module: module, name: name, offset: position)
  }

  /// Reads a signed number in two's complement, the lowest byte first.
  private mutating func readLong() throws(FormatError) -> PickleValue {
    let length = Int(try reader.readUInt8(as: "the length of a number"))
    let bytes = try reader.readBytes(length, as: "a number")
    guard length <= 8 else { return .wideInteger(Array(bytes)) }
    let isNegative = bytes.last.map { $0 >= 0x80 } ?? false
    var bits: UInt64 = isNegative ? .max : 0
    for byte in bytes.reversed() { bits = bits << 8 | UInt64(byte) }
    return .integer(Int(Int64(bitPattern: bits)))
  }

  private mutating func readText(length: Int) throws(FormatError) -> PickleValue {
    .text(try text(try reader.readBytes(length, as: "a text")))
  }

  /// Reads up to a line feed.
  private mutating func readLine() throws(FormatError) -> String {
    for length in 0...Self.nameLimit where reader.peek(length) == 0x0a {
      let line = try text(try reader.readBytes(length, as: "a name"))
      try reader.skip(1, as: "the end of a name")
      return line
    }
    throw failure("expected a name of at most \(Self.nameLimit) bytes and the end of its line")
  }

  private func text(_ bytes: ArraySlice<UInt8>) throws(FormatError) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw failure("expected text in UTF-8") }
    return text
  }
}
