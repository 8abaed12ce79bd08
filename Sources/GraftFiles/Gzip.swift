/// A reader and writer of gzip files (RFC 1952), through the system's zlib.
///
/// It is stricter than gzip(1) in one point: only zero bytes may follow the last member (tapes and some downloads pad
/// with them), while gzip(1) warns of "trailing garbage" and goes on.
package enum Gzip {
  /// The most bytes that are unpacked by default: 2 GiB.
  package static let defaultLimit = 2 << 30

  /// Whether the bytes start with the two identification bytes of a gzip member.
  package static func isGzip(_ bytes: some Sequence<UInt8>) -> Bool {
    Array(bytes.prefix(2)) == [0x1f, 0x8b]
  }

  /// Unpacks all members and joins them.
  /// - Parameters:
  ///   - limit: The most bytes to unpack, checked as the output grows, whatever the file claims.
  ///   - check: Called with each piece of the output, so that foreign content is refused before all of it is unpacked.
  /// - Throws: `FormatError` with the position in the packed bytes, and whatever `check` throws.
  package static func decompress(
    _ bytes: [UInt8], limit: Int = defaultLimit, check: (ArraySlice<UInt8>) throws(FormatError) -> Void = { _ in }
  ) throws(FormatError) -> [UInt8] {
    let (output, isComplete) = try decompressPrefix(bytes, count: limit, check: check)
    guard isComplete else {
      throw FormatError(problem: "the compressed data unpacks to more than the \(limit) bytes allowed")
    }
    return output
  }

  /// Unpacks the beginning and stops, whatever follows, without checking the checksum of the rest.
  /// - Parameter count: The most bytes to unpack.
  /// - Returns: At most `count` bytes, and whether they are the whole content; only then is the file known to be sound.
  package static func decompressPrefix(
    _ bytes: [UInt8], count: Int, check: (ArraySlice<UInt8>) throws(FormatError) -> Void = { _ in }
  ) throws(FormatError) -> (bytes: [UInt8], isComplete: Bool) {
    var reader = ByteReader(bytes)
    var output: [UInt8] = []
    repeat {
      try readHeader(&reader)
      let start = output.count
      var checksum = CRC32()
      var inflater = try Inflater(bytes[reader.offset...], wrapping: .none)
      while !inflater.isFinished {
        let before = output.count
        // One byte more than allowed tells "exactly at the limit" from "over it".
        let room = max(0, count) - before
        try inflater.read(upTo: room < pieceSize ? room + 1 : pieceSize, appendingTo: &output)
        if output.count > count {
          output.removeLast(output.count - max(0, count))
          return (output, false)
        }
        checksum.update(output[before...])
        try check(output[before...])
      }
      try reader.skip(inflater.offset - reader.offset, as: "the compressed data")
      try checkTrailer(&reader, checksum: checksum.value, size: output.count - start)
    } while isGzip(bytes[reader.offset...])
    try checkPadding(reader, of: bytes)
    return (output, true)
  }

  /// Size of the pieces in which output is made, in bytes: large enough to be quick, small beside any cap.
  private static let pieceSize = 64 << 10

  /// Checks the eight bytes after the compressed data: CRC-32 and size modulo 2^32, both little-endian.
  private static func checkTrailer(
    _ reader: inout ByteReader, checksum: UInt32, size: Int
  ) throws(FormatError) {
    let offset = reader.offset
    let expected = try reader.readLittleEndianUInt32(as: "the CRC-32 after the compressed data")
    guard checksum == expected else {
      throw .expected(
        "unpacked data with CRC-32 \(hexadecimal(expected))", found: hexadecimal(checksum), offset: offset)
    }
    let declared = try reader.readLittleEndianUInt32(as: "the unpacked size after the CRC-32")
    guard declared == UInt32(truncatingIfNeeded: size) else {
      throw .expected("\(byteCount(Int(declared))) of unpacked data", found: byteCount(size), offset: offset + 4)
    }
  }

  /// Checks that only zero bytes follow the last member.
  private static func checkPadding(_ reader: ByteReader, of bytes: [UInt8]) throws(FormatError) {
    guard let garbage = bytes[reader.offset...].firstIndex(where: { $0 != 0 }) else { return }
    throw .expected(
      "the end of the gzip file", found: "\(byteCount(bytes.count - garbage)) of trailing garbage", offset: garbage)
  }
}
