import Testing

@testable import GraftData
@testable import GraftFiles

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

@Suite struct IDXFileTests {
  /// Two images of 2 x 3 pixels.
  static let images: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3] + Array(1...12)
  /// Three labels.
  static let labels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]

  /// The error's text, or what was read.
  static func refusal(_ bytes: [UInt8]) -> String {
    do { return "no error: \(try IDXFile(decoding: bytes).dimensions)" } catch { return error.description }
  }

  static func header(_ dimensions: [UInt32]) -> [UInt8] {
    [0, 0, 8, UInt8(dimensions.count)]
      + dimensions.flatMap { dimension in
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: dimension >> UInt32($0)) }
      }
  }

  @Test func readsImagesAndLabels() throws {
    for bytes in [Self.images, Gzip.compress(Self.images)] {
      let file = try IDXFile(decoding: bytes)
      #expect(file.dimensions == [2, 2, 3] && file.bytes == Array(1...12))
      #expect(file.encoded() == Self.images)
      #expect(try IDXFile(dimensions: [2, 2, 3], bytes: Array(1...12)) == file)
      #expect(throws: Never.self) { try file.require(.images) }
    }
    let labels = try IDXFile(decoding: Self.labels)
    #expect(labels.dimensions == [3] && labels.bytes == [7, 2, 1] && labels.encoded() == Self.labels)
    // A gzip file in two members is one file.
    let halves = Gzip.compress(Array(Self.images[..<9])) + Gzip.compress(Array(Self.images[9...])) + [0, 0]
    #expect(try IDXFile(decoding: halves).encoded() == Self.images)
  }

  @Test(
    arguments: [
      ([], "byte 0: expected an IDX header, found no bytes"),
      ([0, 0, 8], "byte 0: expected an IDX header of at least 8 bytes, found 3 bytes"),
      ([0x1f], "byte 0: expected an IDX header of at least 8 bytes, found 1 byte"),
      (Array(images.prefix(4)), "byte 4: expected an IDX header of 16 bytes, found 4 bytes"),
      (Array(images.prefix(9)), "byte 9: expected an IDX header of 16 bytes, found 9 bytes"),
      (Array(images.prefix(15)), "byte 15: expected an IDX header of 16 bytes, found 15 bytes"),
      (Array(labels.prefix(7)), "byte 7: expected an IDX header of 8 bytes, found 7 bytes"),
      (Array(images.prefix(16)), "byte 16: expected 12 bytes of data (2 x 2 x 3), found no bytes"),
      (Array(images.dropLast()), "byte 27: expected 12 bytes of data (2 x 2 x 3), found 11 bytes"),
      (images + [0], "byte 28: expected 12 bytes of data (2 x 2 x 3), found 13 bytes"),
      (labels + [0, 0], "byte 11: expected 3 bytes of data (3), found 5 bytes"),
      ([1, 2] + images.dropFirst(2), "byte 0: expected two zero bytes at the start of an IDX file, found 0x0102"),
      ([0, 1] + images.dropFirst(2), "byte 0: expected two zero bytes at the start of an IDX file, found 0x0001"),
      ([0, 0, 0x0a, 1], "byte 2: expected IDX type 0x08 (unsigned bytes), found 0x0a"),
      ([0, 0, 0, 0], "byte 2: expected IDX type 0x08 (unsigned bytes), found 0x00"),
      ([0, 0, 0x09, 1], "byte 2: expected IDX type 0x08 (unsigned bytes), found 0x09 (signed bytes)"),
      ([0, 0, 0x0b, 1], "byte 2: expected IDX type 0x08 (unsigned bytes), found 0x0b (16-bit integers)"),
      ([0, 0, 0x0c, 2], "byte 2: expected IDX type 0x08 (unsigned bytes), found 0x0c (32-bit integers)"),
      ([0, 0, 0x0d, 3], "byte 2: expected IDX type 0x08 (unsigned bytes), found 0x0d (32-bit floats)"),
      ([0, 0, 0x0e, 3], "byte 2: expected IDX type 0x08 (unsigned bytes), found 0x0e (64-bit floats)"),
      ([0, 0, 8, 0], "byte 3: expected 1 to 4 dimensions, found 0"),
      ([0, 0, 8, 5], "byte 3: expected 1 to 4 dimensions, found 5"),
      ([0, 0, 8, 255], "byte 3: expected 1 to 4 dimensions, found 255"),
      (header([.max, .max, .max]), "byte 4: the dimensions 4294967295 x 4294967295 x 4294967295 are too large"),
      (
        header([.max, .max]),
        "byte 4: the dimensions 4294967295 x 4294967295 are too large"
      ),
      (
        header([1 << 31, 1]),
        "byte 12: expected 2147483648 bytes of data (2147483648 x 1), found no bytes"
      ),
      (
        header([1 << 16, 1 << 16]),
        "byte 4: expected at most 2147483648 bytes of data, found dimensions of 65536 x 65536 bytes"
      ),
      (header([0, 28, 28]), "byte 4: the dataset has no images: 0 x 28 x 28"),
      (header([5, 0, 28]), "byte 4: the dataset has no images: 5 x 0 x 28"),
      (header([5, 28, 0]), "byte 4: the dataset has no images: 5 x 28 x 0"),
      (header([0]), "byte 4: the dataset has no labels: 0"),
      (Array("<!DOCTYPE html>".utf8), "byte 0: this is an HTML page, not IDX"),
      (Array("\r\n  <HTML lang=en>".utf8), "byte 0: this is an HTML page, not IDX"),
      ([0xef, 0xbb, 0xbf] + Array("<html>".utf8), "byte 0: this is an HTML page, not IDX"),
      ([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], "byte 0: this is a PNG image, not IDX"),
      ([0xff, 0xd8, 0xff, 0xe0], "byte 0: this is a JPEG image, not IDX"),
      (Array("PK\u{3}\u{4}".utf8), "byte 0: this is a zip archive, not IDX"),
      (Array("BZh91AY".utf8), "byte 0: this is bzip2-compressed data, not IDX"),
      ([0x93] + Array("NUMPY".utf8), "byte 0: this is a NumPy array, not IDX"),
      ([0x78, 0x9c, 0x63], "byte 0: this is a zlib stream, not IDX"),
      ([0x80, 0x04, 0x95], "byte 0: this is a Python pickle, not IDX"),
      (Array("{\"message\":".utf8), "byte 0: this is JSON text, not IDX"),
      ([0x63, 0x60, 0xe0, 0x60], "byte 0: expected two zero bytes at the start of an IDX file, found 0x6360"),
    ] as [([UInt8], String)])
  func refusesWhatIsNotAnIDXFile(bytes: [UInt8], message: String) {
    #expect(Self.refusal(bytes) == message)
  }

  @Test func theSameInsideGzip() {
    for (bytes, message) in [
      ([], "byte 0 of the unpacked data: expected an IDX header, found no bytes"),
      (Array(Self.images.prefix(9)), "byte 9 of the unpacked data: expected an IDX header of 16 bytes, found 9 bytes"),
      (Self.images.dropLast(), "byte 27 of the unpacked data: expected 12 bytes of data (2 x 2 x 3), found 11 bytes"),
      (
        Self.images + [0, 0, 0],
        "byte 28 of the unpacked data: expected 12 bytes of data (2 x 2 x 3), found at least 13 bytes"
      ),
      (
        Self.labels + [0],
        "byte 11 of the unpacked data: expected 3 bytes of data (3), found at least 4 bytes"
      ),
      (Gzip.compress(Self.images), "byte 0 of the unpacked data: this is gzip-compressed data, not IDX"),
      (Array("<!doctype html>".utf8), "byte 0 of the unpacked data: this is an HTML page, not IDX"),
      (
        Self.header([.max, .max, .max]),
        "byte 4 of the unpacked data: the dimensions 4294967295 x 4294967295 x 4294967295 are too large"
      ),
    ] as [([UInt8], String)] {
      #expect(Self.refusal(Gzip.compress(bytes)) == message)
    }
  }

  @Test func damagedGzipIsNotTakenForAnIDXProblem() {
    let packed = Gzip.compress(Self.images)
    #expect(
      Self.refusal(Array(packed.dropLast(9)))
        == "byte \(packed.count - 9): the compressed data breaks off before its end")
    #expect(
      Self.refusal(packed + [9])
        == "byte \(packed.count): expected the end of the gzip file, found 1 byte of trailing garbage")
    var damaged = packed
    damaged[packed.count - 8] ^= 0xff
    #expect(Self.refusal(damaged).hasPrefix("byte \(packed.count - 8): expected unpacked data with CRC-32 0x"))
    #expect(Self.refusal([0x1f, 0x8b]) == "byte 2: expected 1 byte for the gzip compression method, found no bytes")
  }

  /// A header of 12 bytes of data before 64 MB of zeros, packed to 64 KB: no more than one piece is unpacked.
  @Test func aBombCostsNothing() {
    let bomb = Gzip.compress(Array(Self.images.prefix(16)) + [UInt8](repeating: 0, count: 32 << 20), level: 1)
    let clock = ContinuousClock()
    let time = clock.measure {
      #expect(
        Self.refusal(bomb)
          == "byte 28 of the unpacked data: expected 12 bytes of data (2 x 2 x 3), found at least 13 bytes")
    }
    #expect(time < .milliseconds(100))
  }

  /// Every value of every byte of a small packed file: the same data, or an error; never other data.
  @Test func everyByteAtEveryPlaceOfAGzipFile() throws {
    // The three labels, packed by gzip 1.12 with -9.
    let digits = Array("1f8b08000000000002036360e06064606060666762040015f83e4e0b000000")
    let valid = stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...($0 + 1)]), radix: 16) }
    let expected = try IDXFile(decoding: Self.labels)
    #expect(try IDXFile(decoding: valid) == expected)
    // Flag bit 0, time, extra flags and system: what a reader ignores (RFC 1952, section 2.3.1); and the six bits
    // between the end of the deflate stream and the next whole byte (RFC 1951, section 3.1).
    let ignorable = Array(3...9) + [valid.count - 9]
    var accepted = 0
    for position in valid.indices {
      for byte in UInt8.min...UInt8.max where byte != valid[position] {
        var bytes = valid
        bytes[position] = byte
        do throws(FormatError) {
          let file = try IDXFile(decoding: bytes)
          accepted += 1
          if file != expected || !ignorable.contains(position) {
            Issue.record("byte \(position) = \(byte) was accepted: \(file)")
          }
        } catch {
          if error.description.isEmpty { Issue.record("no text for byte \(position) = \(byte)") }
        }
      }
    }
    #expect(accepted == 6 * 255 + 1 + 63)
  }

  /// The same for the file as it is, where only a pixel may change: pixels carry no checksum.
  @Test func everyByteAtEveryPlaceOfAnIDXFile() {
    for position in Self.labels.indices {
      for byte in UInt8.min...UInt8.max where byte != Self.labels[position] {
        var bytes = Self.labels
        bytes[position] = byte
        #expect(Self.refusal(bytes).hasPrefix("no error") == (position >= 8))
      }
    }
  }

  @Test func valuesThatFitNoFile() {
    func refusal(_ dimensions: [Int], _ bytes: [UInt8]) -> String {
      do { return "no error: \(try IDXFile(dimensions: dimensions, bytes: bytes))" } catch { return error.description }
    }
    #expect(refusal([], [1]) == "expected 1 to 4 dimensions, found 0")
    #expect(refusal([1, 1, 1, 1, 1], [1]) == "expected 1 to 4 dimensions, found 5")
    #expect(refusal([-1], []) == "expected dimensions from 1 to 2^32 - 1, found -1")
    #expect(refusal([1 << 32], []) == "expected dimensions from 1 to 2^32 - 1, found 4294967296")
    #expect(refusal([0, 3], []) == "the dataset has no images: 0 x 3")
    #expect(refusal([2], [1]) == "byte 9: expected 2 bytes of data (2), found 1 byte")
  }

  @Test func pathsAndSwappedFiles() throws {
    var template = Array("/tmp/graft-idx-XXXXXX".utf8CString)
    let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
    defer { rmdir(folder) }
    let (images, labels, broken) = ("\(folder)/images", "\(folder)/labels", "\(folder)/broken")
    try AtomicFile.write(Gzip.compress(Self.images), to: images)
    try AtomicFile.write(Self.labels, to: labels)
    try AtomicFile.write(Self.header([2, 2]) + [1, 2, 3], to: broken)
    defer { for path in [images, labels, broken] { unlink(path) } }
    func refusal(_ body: () throws -> IDXFile) -> String {
      do { return "no error: \(try body())" } catch { return "\(error)" }
    }
    #expect(try IDXFile.images(contentsOf: images).dimensions == [2, 2, 3])
    #expect(try IDXFile.labels(contentsOf: labels).bytes == [7, 2, 1])
    #expect(
      refusal { try IDXFile.images(contentsOf: labels) }
        == "\(labels): byte 3: expected an images file (0x00000803), found a labels file (0x00000801): "
        + "are images and labels swapped?")
    #expect(
      refusal { try IDXFile.labels(contentsOf: images) }
        == "\(images): byte 3: expected a labels file (0x00000801), found an images file (0x00000803): "
        + "are images and labels swapped?")
    #expect(
      refusal { try IDXFile(contentsOf: broken) }
        == "\(broken): byte 15: expected 4 bytes of data (2 x 2), found 3 bytes")
    try AtomicFile.write(Self.header([2, 2]) + [1, 2, 3, 4], to: broken)
    #expect(
      refusal { try IDXFile.images(contentsOf: broken) }
        == "\(broken): byte 3: expected an images file (0x00000803), found 2 dimensions (0x00000802)")
    #expect(
      refusal { try IDXFile.images(contentsOf: "\(folder)/none") }
        == "\(folder)/none: cannot read: No such file or directory")
  }
}
