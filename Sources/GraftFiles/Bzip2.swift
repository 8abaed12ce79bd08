import CGraftBzip2

/// A reader of bzip2 files, by the system's libbz2.
package enum Bzip2 {
  /// Unpacks a whole file.
  ///
  /// - Parameters:
  ///   - bytes: The file.
  ///   - limit: The most bytes that are accepted, 1 GiB by default.
  /// - Throws: `FormatError` if the bytes are no bzip2 file, are damaged or cut off, or unpack to more than `limit`.
  package static func decompress(_ bytes: [UInt8], limit: Int = 1 << 30) throws(FormatError) -> [UInt8] {
    guard bytes.starts(with: Array("BZh".utf8)) else {
      let found = ContentGuess.phrase(for: bytes) ?? "other data"
      throw FormatError(offset: 0, problem: "this is \(found), not a bzip2 file")
    }
    let stream = UnsafeMutablePointer<bz_stream>.allocate(capacity: 1)
    stream.initialize(to: bz_stream())
    defer { stream.deallocate() }
    guard BZ2_bzDecompressInit(stream, 0, 0) == BZ_OK else { throw FormatError(problem: "libbz2 has no memory") }
    defer { BZ2_bzDecompressEnd(stream) }
    var output: [UInt8] = []
    var position = 0
    while true {
      var code = BZ_OK
      let piece = [UInt8](unsafeUninitializedCapacity: 256 << 10) { buffer, filled in
        bytes.withUnsafeBufferPointer { input in
          let available = min(input.count - position, 1 << 30)
          buffer.withMemoryRebound(to: CChar.self) { output in
            input.withMemoryRebound(to: CChar.self) { input in
              stream.pointee.next_in = input.baseAddress.map { UnsafeMutablePointer(mutating: $0 + position) }
              stream.pointee.avail_in = UInt32(available)
              stream.pointee.next_out = output.baseAddress
              stream.pointee.avail_out = UInt32(output.count)
              code = BZ2_bzDecompress(stream)
              position += available - Int(stream.pointee.avail_in)
              filled = output.count - Int(stream.pointee.avail_out)
            }
          }
        }
      }
      output += piece
      guard output.count <= limit else { throw .expected("at most \(byteCount(limit)) unpacked", found: "more") }
      if code == BZ_STREAM_END { break }
      guard code == BZ_OK else { throw FormatError(offset: position, problem: "the bzip2 data is damaged") }
      guard position < bytes.count || !piece.isEmpty else {
        throw .expected("more bzip2 data", found: "the end of the file", offset: position)
      }
    }
    guard position == bytes.count else {
      throw .expected(
        "the end of the bzip2 file", found: byteCount(bytes.count - position) + " more", offset: position)
    }
    return output
  }
}
