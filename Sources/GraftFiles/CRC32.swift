import CGraftZlib

/// The checksum of gzip, PNG and zip (RFC 1952, section 8).
package struct CRC32: Sendable, Hashable {
  /// The checksum of all bytes so far.
  package private(set) var value: UInt32 = 0

  package init() {}

  package mutating func update(_ bytes: ArraySlice<UInt8>) {
    // The count on the C side has 32 bits.
    var rest = bytes
    while !rest.isEmpty {
      let piece = rest.prefix(1 << 30)
      rest = rest.dropFirst(piece.count)
      piece.withUnsafeBufferPointer { buffer in
        value = UInt32(truncatingIfNeeded: crc32(uLong(value), buffer.baseAddress, uInt(buffer.count)))
      }
    }
  }

  /// Computes the checksum of bytes in memory.
  package static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var checksum = CRC32()
    checksum.update(bytes)
    return checksum.value
  }

  package static func checksum(_ bytes: [UInt8]) -> UInt32 { checksum(bytes[...]) }
}
