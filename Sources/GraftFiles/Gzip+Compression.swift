import CGraftZlib

extension Gzip {
  /// Packs bytes as one member: no name, time 0, system "unknown", so that equal bytes give equal files.
  /// - Parameter level: 0 (stored) to 9 (smallest).
  package static func compress(_ bytes: [UInt8], level: Int = 6) -> [UInt8] {
    var output: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]
    output += deflated(bytes, level: level) ?? stored(bytes)
    appendLittleEndian(CRC32.checksum(bytes), to: &output)
    appendLittleEndian(UInt32(truncatingIfNeeded: bytes.count), to: &output)
    return output
  }

  /// A raw deflate stream; nil if zlib fails, which means that memory is short.
  private static func deflated(_ bytes: [UInt8], level: Int) -> [UInt8]? {
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    let size = Int32(MemoryLayout<z_stream>.size)
    let level = Int32(min(max(level, 0), 9))
    guard
      deflateInit2_(stream, level, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK
    else { return nil }
    defer { deflateEnd(stream) }
    var output: [UInt8] = []
    var code = Z_OK
    var position = 0
    while code == Z_OK {
      let piece = [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, filled in
        bytes.withUnsafeBufferPointer { input in
          let available = uInt(min(input.count - position, 1 << 30))
          stream.pointee.next_in = input.baseAddress.map { UnsafeMutablePointer(mutating: $0 + position) }
          stream.pointee.avail_in = available
          stream.pointee.next_out = buffer.baseAddress
          stream.pointee.avail_out = uInt(buffer.count)
          let isLast = position + Int(available) == input.count
          code = deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
          position += Int(available - stream.pointee.avail_in)
          filled = buffer.count - Int(stream.pointee.avail_out)
        }
      }
      output += piece
    }
    return code == Z_STREAM_END ? output : nil
  }

  /// Stored blocks of at most 65535 bytes (RFC 1951, section 3.2.4), which need no compressor.
  static func stored(_ bytes: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    var rest = bytes[...]
    repeat {
      let block = rest.prefix(65535)
      rest = rest.dropFirst(block.count)
      let length = UInt16(truncatingIfNeeded: block.count)
      output.append(rest.isEmpty ? 1 : 0)
      for value in [length, ~length] {
        output.append(UInt8(truncatingIfNeeded: value))
        output.append(UInt8(truncatingIfNeeded: value >> 8))
      }
      output += block
    } while !rest.isEmpty
    return output
  }

  private static func appendLittleEndian(_ value: UInt32, to output: inout [UInt8]) {
    for shift in stride(from: UInt32(0), to: 32, by: 8) { output.append(UInt8(truncatingIfNeeded: value >> shift)) }
  }
}
