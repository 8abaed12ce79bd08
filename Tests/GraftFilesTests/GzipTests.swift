import Testing

@testable import GraftFiles

@Suite struct GzipTests {
  static let data = Array("hello, hello, hello gzip".utf8)
  static let packed = Gzip.compress(data)

  /// Header bytes with flags and fields of our choice, then the member's compressed data and trailer.
  static func member(flags: UInt8, fields: [UInt8], of packed: [UInt8] = packed) -> [UInt8] {
    [0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 3] + fields + packed[10...]
  }

  static func refusal(_ bytes: [UInt8], limit: Int = Gzip.defaultLimit) -> String {
    text { try Gzip.decompress(bytes, limit: limit) }
  }

  @Test(arguments: [0, 1, 100, 65_535, 65_536, 65_537, 200_000])
  func roundTrips(size: Int) throws {
    var random = Seeded(size)
    // Half noise, half zeros: stored and compressed blocks.
    let bytes = (0..<size).map { $0 % 2000 < 1000 ? UInt8(truncatingIfNeeded: random.next()) : 0 }
    for level in [0, 1, 6, 9, -5, 100] {
      #expect(try Gzip.decompress(Gzip.compress(bytes, level: level)) == bytes)
    }
    #expect(Gzip.compress(bytes) == Gzip.compress(bytes))
  }

  /// Made by gzip(1) 1.12: `printf abc | gzip -9 | xxd -p`.
  @Test func readsWhatGzipWrote() throws {
    #expect(try Gzip.decompress(bytes(hex: "1f8b08000000000002034b4c4a0600c241243503000000")) == Array("abc".utf8))
    #expect(Gzip.isGzip([0x1f, 0x8b]) && !Gzip.isGzip([0x1f]) && !Gzip.isGzip([0x8b, 0x1f, 0x1f]))
  }

  @Test func membersAreJoinedAndZerosAfterThemIgnored() throws {
    let empty = Gzip.compress([])
    let more = Gzip.compress([1, 2, 3])
    #expect(try Gzip.decompress(Self.packed + empty + more) == Self.data + [1, 2, 3])
    #expect(try Gzip.decompress(empty) == [])
    #expect(try Gzip.decompress(empty + more + [UInt8](repeating: 0, count: 1000)) == [1, 2, 3])
    // A member that ends exactly where a piece of output does.
    let piece = [UInt8](repeating: 7, count: 64 << 10)
    #expect(try Gzip.decompress(Gzip.compress(piece) + more) == piece + [1, 2, 3])
  }

  @Test func optionalHeaderFields() throws {
    #expect(try Gzip.decompress(Self.member(flags: 0x01, fields: [])) == Self.data)
    #expect(try Gzip.decompress(Self.member(flags: 0x04, fields: [2, 0, 9, 9])) == Self.data)
    #expect(try Gzip.decompress(Self.member(flags: 0x08, fields: [65, 0])) == Self.data)
    #expect(try Gzip.decompress(Self.member(flags: 0x10, fields: [0])) == Self.data)
    var header: [UInt8] = [0x1f, 0x8b, 8, 0x1e, 1, 2, 3, 4, 0, 3, 1, 0, 9, 65, 0, 66, 0]
    let checksum = CRC32.checksum(header)
    header += [UInt8(truncatingIfNeeded: checksum), UInt8(truncatingIfNeeded: checksum >> 8)]
    #expect(try Gzip.decompress(header + Self.packed[10...]) == Self.data)
    header[4] = 9
    #expect(Self.refusal(header + Self.packed[10...]).hasPrefix("byte 17: expected a gzip header with checksum 0x"))
  }

  @Test func headersThatAreWrong() {
    let packed = Self.packed
    func changed(_ position: Int, _ byte: UInt8) -> [UInt8] {
      var bytes = packed
      bytes[position] = byte
      return bytes
    }
    let name = [UInt8](repeating: 65, count: 64 << 10)
    for (bytes, message) in [
      ([], "byte 0: expected 2 bytes for the gzip identification, found no bytes"),
      ([0x1f], "byte 0: expected 2 bytes for the gzip identification, found 1 byte"),
      ([0x1f, 0x8b], "byte 2: expected 1 byte for the gzip compression method, found no bytes"),
      (changed(0, 0x1e), "byte 0: expected gzip identification 1f 8b, found 1e 8b"),
      (
        [0x78, 0x9c, 3, 0, 0, 0, 0, 1],
        "byte 0: expected gzip, found a zlib stream (RFC 1950), which has no gzip header"
      ),
      (changed(2, 7), "byte 2: expected gzip compression method 8 (deflate), found 7"),
      (changed(3, 0x20), "byte 3: expected gzip flags with the reserved bits 0, found 0x20"),
      (changed(3, 0x80), "byte 3: expected gzip flags with the reserved bits 0, found 0x80"),
      (Array(packed.prefix(9)), "byte 4: expected 6 bytes for the gzip time, extra flags and system, found 5 bytes"),
      (
        [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 3, 9],
        "byte 10: expected 2 bytes for the length of the gzip extra field, found 1 byte"
      ),
      (
        [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 3, 9, 1, 7, 7],
        "byte 12: expected 265 bytes for the gzip extra field, found 2 bytes"
      ),
      (
        [0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3, 65, 66],
        "byte 12: expected a zero byte after the gzip file name, found the end of the file"
      ),
      (
        [0x1f, 0x8b, 8, 16, 0, 0, 0, 0, 0, 3],
        "byte 10: expected a zero byte after the gzip comment, found the end of the file"
      ),
      (
        [0x1f, 0x8b, 8, 2, 0, 0, 0, 0, 0, 3, 0], "byte 10: expected 2 bytes for the gzip header checksum, found 1 byte"
      ),
      (
        Self.member(flags: 8, fields: name + [65, 0]),
        "byte 10: expected a gzip file name of at most 65536 bytes, found a longer one"
      ),
      (
        Self.member(flags: 16, fields: name + [65, 0]),
        "byte 10: expected a gzip comment of at most 65536 bytes, found a longer one"
      ),
    ] as [([UInt8], String)] {
      #expect(Self.refusal(bytes) == message)
    }
    #expect(Self.refusal(Self.member(flags: 8, fields: name + [0])) == "no error: \(Self.data)")
  }

  @Test func dataAndTrailersThatAreWrong() {
    let packed = Self.packed
    let end = packed.count
    func changed(_ position: Int) -> [UInt8] {
      var bytes = packed
      bytes[position] ^= 0x01
      return bytes
    }
    let checksum = hexadecimal(CRC32.checksum(Self.data))
    let other = hexadecimal(CRC32.checksum(Self.data) ^ 1)
    for (bytes, message) in [
      (changed(end - 8), "byte \(end - 8): expected unpacked data with CRC-32 \(other), found \(checksum)"),
      (changed(end - 4), "byte \(end - 4): expected 25 bytes of unpacked data, found 24 bytes"),
      (Array(packed.dropLast(9)), "byte \(end - 9): the compressed data breaks off before its end"),
      (Array(packed.prefix(10)), "byte 10: the compressed data breaks off before its end"),
      (
        Array(packed.dropLast(6)),
        "byte \(end - 8): expected 4 bytes for the CRC-32 after the compressed data, found 2 bytes"
      ),
      (
        Array(packed.dropLast(1)),
        "byte \(end - 4): expected 4 bytes for the unpacked size after the CRC-32, found 3 bytes"
      ),
      (Array(packed.prefix(10)) + [0x07, 0, 0], "byte 11: the compressed data is damaged (invalid block type)"),
      (packed + [1], "byte \(end): expected the end of the gzip file, found 1 byte of trailing garbage"),
      (packed + [0, 0, 5, 0], "byte \(end + 2): expected the end of the gzip file, found 2 bytes of trailing garbage"),
      (packed + [0x1f, 0x8b], "byte \(end + 2): expected 1 byte for the gzip compression method, found no bytes"),
      (packed + [0x1f, 0x8b, 9], "byte \(end + 2): expected gzip compression method 8 (deflate), found 9"),
    ] as [([UInt8], String)] {
      #expect(Self.refusal(bytes) == message)
    }
  }

  @Test func everyPrefixIsRefused() {
    let packed = Self.member(flags: 0x0c, fields: [2, 0, 9, 9, 65, 0]) + Gzip.compress([1, 2, 3])
    let first = packed.count - Gzip.compress([1, 2, 3]).count
    for length in packed.indices {
      let bytes = Array(packed.prefix(length))
      do throws(FormatError) {
        let output = try Gzip.decompress(bytes)
        // The only sound prefix is the first member.
        #expect(length == first && output == Self.data)
      } catch {
        #expect((error.offset ?? -1) >= 0 && (error.offset ?? 999) <= length)
      }
    }
  }

  @Test func theLimitCountsWhatComesOut() throws {
    #expect(try Gzip.decompress(Self.packed, limit: 24) == Self.data)
    #expect(Self.refusal(Self.packed, limit: 23) == "the compressed data unpacks to more than the 23 bytes allowed")
    #expect(Self.refusal(Self.packed, limit: -1) == "the compressed data unpacks to more than the -1 bytes allowed")
    #expect(try Gzip.decompress(Self.packed, limit: .max) == Self.data)
    let two = Self.packed + Self.packed
    #expect(try Gzip.decompress(two, limit: 48).count == 48)
    #expect(Self.refusal(two, limit: 47) == "the compressed data unpacks to more than the 47 bytes allowed")
    let (bytes, isComplete) = try Gzip.decompressPrefix(Self.packed, count: 5)
    #expect(bytes == Array("hello".utf8) && !isComplete)
    let whole = try Gzip.decompressPrefix(Self.packed, count: 24)
    #expect(whole.bytes == Self.data && whole.isComplete)
  }

  @Test func aBombStopsAtTheLimit() {
    let bomb = Gzip.compress([UInt8](repeating: 0, count: 16 << 20))
    #expect(bomb.count < 20_000)
    let clock = ContinuousClock()
    let time = clock.measure {
      #expect(Self.refusal(bomb, limit: 100_000) == "the compressed data unpacks to more than the 100000 bytes allowed")
    }
    #expect(time < .milliseconds(100))
  }

  @Test(arguments: [0, 1, 65_535, 65_536, 140_000])
  func storedBlocksNeedNoCompressor(size: Int) throws {
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
    let stored = Gzip.stored(bytes)
    var output: [UInt8] = []
    var inflater = try Inflater(stored[...], wrapping: .none)
    while !inflater.isFinished { try inflater.read(upTo: 1 << 20, appendingTo: &output) }
    #expect(output == bytes && inflater.offset == stored.count)
  }

  @Test func checksums() {
    // "123456789" is the check value every catalogue of CRCs gives.
    #expect(CRC32.checksum(Array("123456789".utf8)) == 0xcbf4_3926)
    #expect(CRC32.checksum([]) == 0)
  }

  @Test func zlibStreams() throws {
    // python3 -c "import zlib; print(zlib.compress(b'abc').hex())"
    let stream = bytes(hex: "789c4b4c4a0600024d0127")
    var output: [UInt8] = []
    var inflater = try Inflater(stream[...], wrapping: .zlib)
    while !inflater.isFinished { try inflater.read(upTo: 2, appendingTo: &output) }
    #expect(output == Array("abc".utf8) && inflater.offset == stream.count)
    var damaged = stream
    damaged[10] ^= 1
    var message = ""
    do {
      var inflater = try Inflater(damaged[...], wrapping: .zlib)
      while !inflater.isFinished { try inflater.read(upTo: 100, appendingTo: &output) }
    } catch { message = error.description }
    #expect(message == "byte 11: the compressed data is damaged (incorrect data check)")
    // python3: c = zlib.compressobj(zdict=b"abc"); c.compress(b"abc") + c.flush()
    do {
      var inflater = try Inflater(bytes(hex: "78bb024d01274b4c4a0600024d0127")[...], wrapping: .zlib)
      try inflater.read(upTo: 100, appendingTo: &output)
    } catch { message = error.description }
    #expect(message == "byte 6: the compressed data needs a preset dictionary")
  }
}
