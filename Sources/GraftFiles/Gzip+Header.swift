extension Gzip {
  /// The most bytes that a file name or comment in the header may have. Neither is used, but without a cap a header
  /// without end would be read to the end of the file.
  private static let nameLimit = 64 << 10

  /// Bits of the FLG byte (RFC 1952, section 2.3.1). Bit 0, "probably text", is ignored.
  private enum Flag {
    static let headerChecksum: UInt8 = 1 << 1
    static let extra: UInt8 = 1 << 2
    static let name: UInt8 = 1 << 3
    static let comment: UInt8 = 1 << 4
    static let reserved: UInt8 = 0b1110_0000
  }

  /// Reads a member's header up to its compressed data (RFC 1952, section 2.3).
  static func readHeader(_ reader: inout ByteReader) throws(FormatError) {
    let header = reader
    let identification = try reader.readBytes(2, as: "the gzip identification")
    guard isGzip(identification) else { throw notGzip(Array(identification), at: header.offset) }
    let method = try reader.readUInt8(as: "the gzip compression method")
    guard method == 8 else {
      throw .expected("gzip compression method 8 (deflate)", found: "\(method)", offset: header.offset + 2)
    }
    let flags = try reader.readUInt8(as: "the gzip flags")
    guard flags & Flag.reserved == 0 else {
      throw .expected("gzip flags with the reserved bits 0", found: hexadecimal(flags), offset: header.offset + 3)
    }
    try reader.skip(6, as: "the gzip time, extra flags and system")
    if flags & Flag.extra != 0 {
      let length = try reader.readLittleEndianUInt16(as: "the length of the gzip extra field")
      try reader.skip(Int(length), as: "the gzip extra field")
    }
    if flags & Flag.name != 0 { try skipText(&reader, "file name") }
    if flags & Flag.comment != 0 { try skipText(&reader, "comment") }
    if flags & Flag.headerChecksum != 0 { try checkHeader(&reader, from: header) }
  }

  /// Skips text that ends with a zero byte.
  private static func skipText(_ reader: inout ByteReader, _ what: String) throws(FormatError) {
    let start = reader.offset
    while reader.offset - start <= nameLimit {
      guard !reader.isAtEnd else {
        throw .expected("a zero byte after the gzip \(what)", found: "the end of the file", offset: reader.offset)
      }
      if try reader.readUInt8(as: "the gzip \(what)") == 0 { return }
    }
    throw .expected("a gzip \(what) of at most \(nameLimit) bytes", found: "a longer one", offset: start)
  }

  /// Checks FHCRC: the low 16 bits of the CRC-32 of everything before it in the header.
  private static func checkHeader(_ reader: inout ByteReader, from header: ByteReader) throws(FormatError) {
    var header = header
    let offset = reader.offset
    let covered = try header.readBytes(offset - header.offset, as: "the gzip header")
    let checksum = UInt16(truncatingIfNeeded: CRC32.checksum(covered))
    let expected = try reader.readLittleEndianUInt16(as: "the gzip header checksum")
    guard checksum == expected else {
      throw .expected(
        "a gzip header with checksum \(hexadecimal(expected))", found: hexadecimal(checksum), offset: offset)
    }
  }

  private static func notGzip(_ bytes: [UInt8], at offset: Int) -> FormatError {
    // RFC 1950: method 8, and the two bytes as a big-endian number are a multiple of 31.
    if let first = bytes.first, let second = bytes.last, first & 0x0f == 8, first >> 4 <= 7,
      (Int(first) << 8 + Int(second)) % 31 == 0
    {
      return .expected("gzip", found: "a zlib stream (RFC 1950), which has no gzip header", offset: offset)
    }
    let text = bytes.map { String(hexadecimal($0).dropFirst(2)) }.joined(separator: " ")
    return .expected("gzip identification 1f 8b", found: text, offset: offset)
  }
}
