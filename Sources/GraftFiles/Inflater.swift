import CGraftZlib

/// A decompressor of one deflate stream (RFC 1951) in memory, piece by piece.
///
/// The caller decides after every piece how much comes out; nothing is allocated for the size that a header promises.
package struct Inflater: ~Copyable {
  /// The format around the deflate stream.
  package enum Wrapping: Sendable {
    /// Nothing, as in gzip members and zip entries.
    case none
    /// A two-byte header and an Adler-32 trailer (RFC 1950), as in PNG.
    case zlib
  }

  // zlib keeps a pointer from its state back to this structure, so the structure must not move.
  private let stream: UnsafeMutablePointer<z_stream>
  private let input: ArraySlice<UInt8>
  /// Index of the next unused byte of the input.
  package private(set) var offset: Int
  /// Whether the end of the stream has been reached.
  package private(set) var isFinished = false

  /// - Throws: `FormatError` if zlib cannot be set up, which means that memory is short.
  package init(_ input: ArraySlice<UInt8>, wrapping: Wrapping) throws(FormatError) {
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let windowBits: Int32 = wrapping == .none ? -MAX_WBITS : MAX_WBITS
    let code = inflateInit2_(stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else {
      stream.deallocate()
      throw FormatError(offset: input.startIndex, problem: "zlib cannot start unpacking (code \(code))")
    }
    // Not earlier: a completely initialised value is taken down by `deinit`.
    self.stream = stream
    self.input = input
    self.offset = input.startIndex
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Appends the next bytes, at most `count` of them, to `output`; none once `isFinished`.
  /// - Throws: `FormatError` with the position in the input at which the stream is damaged or breaks off.
  package mutating func read(upTo count: Int, appendingTo output: inout [UInt8]) throws(FormatError) {
    guard !isFinished, count > 0 else { return }
    var code = Z_OK
    let piece = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      code = fill(buffer, &filled)
    }
    output.append(contentsOf: piece)
    switch code {
    case Z_OK: break
    case Z_STREAM_END: isFinished = true
    case Z_BUF_ERROR:
      throw FormatError(offset: offset, problem: "the compressed data breaks off before its end")
    case Z_MEM_ERROR:
      throw FormatError(offset: offset, problem: "not enough memory to unpack")
    case Z_NEED_DICT:
      throw FormatError(offset: offset, problem: "the compressed data needs a preset dictionary")
    default:
      let reason = stream.pointee.msg.map { String(cString: $0) } ?? "code \(code)"
      throw FormatError(offset: offset, problem: "the compressed data is damaged (\(reason))")
    }
  }

  /// Runs zlib until the buffer is full, the stream ends or something is wrong.
  private mutating func fill(_ buffer: UnsafeMutableBufferPointer<UInt8>, _ filled: inout Int) -> Int32 {
    var code = Z_OK
    var position = offset
    input.withUnsafeBufferPointer { bytes in
      while filled < buffer.count {
        let start = position - input.startIndex
        // Both counts of zlib are 32 bits wide.
        let available = uInt(min(bytes.count - start, 1 << 30))
        let room = uInt(min(buffer.count - filled, 1 << 30))
        stream.pointee.next_in = bytes.baseAddress.map { UnsafeMutablePointer(mutating: $0 + start) }
        stream.pointee.avail_in = available
        stream.pointee.next_out = buffer.baseAddress.map { $0 + filled }
        stream.pointee.avail_out = room
        code = inflate(stream, Z_NO_FLUSH)
        let used = Int(available - stream.pointee.avail_in)
        let made = Int(room - stream.pointee.avail_out)
        position += used
        filled += made
        if code != Z_OK { break }
        // zlib reports a lack of input as Z_BUF_ERROR, except on the call that used up the last of it.
        if used == 0, made == 0 {
          code = Z_BUF_ERROR
          break
        }
      }
    }
    offset = position
    // Running out of input exactly when the buffer is full is no error yet: the end may need no more input.
    if code == Z_BUF_ERROR, filled == buffer.count { code = Z_OK }
    return code
  }
}
