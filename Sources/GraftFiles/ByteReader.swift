/// A bounds-checked reader of untrusted bytes, the only one here. Its errors carry the offset of the bytes that were expected.
///
/// Offsets are indices of the slice that it was made from: a reader of `bytes[8..<20]` reports positions in `bytes`,
/// which can be looked up in a hex dump.
package struct ByteReader: Sendable {
  private let bytes: ArraySlice<UInt8>
  /// Index of the next byte to read.
  package private(set) var offset: Int

  package init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    self.offset = bytes.startIndex
  }

  package init(_ bytes: [UInt8]) {
    self.init(bytes[...])
  }

  /// Number of bytes left.
  package var remaining: Int { bytes.endIndex - offset }

  /// Whether no byte is left.
  package var isAtEnd: Bool { remaining == 0 }

  /// The byte `distance` after the next one, without reading it; nil past the end.
  package func peek(_ distance: Int = 0) -> UInt8? {
    guard distance >= 0, distance < remaining else { return nil }
    return bytes[offset + distance]
  }

  /// Reads `count` bytes.
  /// - Parameter what: Completes "expected `count` bytes for …" if too few are left.
  package mutating func readBytes(_ count: Int, as what: String) throws(FormatError) -> ArraySlice<UInt8> {
    guard count >= 0, count <= remaining else {
      throw .expected("\(byteCount(count)) for \(what)", found: byteCount(remaining), offset: offset)
    }
    let start = offset
    offset += count
    return bytes[start..<offset]
  }

  /// Skips `count` bytes.
  package mutating func skip(_ count: Int, as what: String) throws(FormatError) {
    _ = try readBytes(count, as: what)
  }

  package mutating func readUInt8(as what: String) throws(FormatError) -> UInt8 {
    try readLittleEndian(UInt8.self, as: what)
  }

  package mutating func readLittleEndianUInt16(as what: String) throws(FormatError) -> UInt16 {
    try readLittleEndian(UInt16.self, as: what)
  }

  package mutating func readLittleEndianUInt32(as what: String) throws(FormatError) -> UInt32 {
    try readLittleEndian(UInt32.self, as: what)
  }

  package mutating func readLittleEndianUInt64(as what: String) throws(FormatError) -> UInt64 {
    try readLittleEndian(UInt64.self, as: what)
  }

  package mutating func readBigEndianUInt16(as what: String) throws(FormatError) -> UInt16 {
    try readLittleEndian(UInt16.self, as: what).byteSwapped
  }

  package mutating func readBigEndianUInt32(as what: String) throws(FormatError) -> UInt32 {
    try readLittleEndian(UInt32.self, as: what).byteSwapped
  }

  private mutating func readLittleEndian<Value: FixedWidthInteger & UnsignedInteger>(
    _ type: Value.Type, as what: String
  ) throws(FormatError) -> Value {
    var value: Value = 0
    for (position, byte) in try readBytes(Value.bitWidth / 8, as: what).enumerated() {
      value |= Value(byte) << (8 * position)
    }
    return value
  }
}
