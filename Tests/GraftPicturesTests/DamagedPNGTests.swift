import GraftFiles
import GraftPictures
import Testing

@Suite("PNG files that are damaged or strange")
struct DamagedPNGTests {
  private static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
  private static let end = chunk("IEND", [])

  private static func bigEndian(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  /// A chunk with its checksum, made wrong on request.
  private static func chunk(_ type: String, _ data: [UInt8], isDamaged: Bool = false) -> [UInt8] {
    let checked = Array(type.utf8) + data
    return bigEndian(UInt32(data.count)) + checked + bigEndian(CRC32.checksum(checked) ^ (isDamaged ? 1 : 0))
  }

  private static func header(
    _ width: UInt32, _ height: UInt32, depth: UInt8 = 8, color: UInt8 = 0, interlacing: UInt8 = 0,
    methods: [UInt8] = [0, 0]
  ) -> [UInt8] {
    chunk("IHDR", bigEndian(width) + bigEndian(height) + [depth, color] + methods + [interlacing])
  }

  /// A zlib stream of one stored block (RFC 1951, 3.2.4).
  private static func stored(_ bytes: [UInt8], isDamaged: Bool = false) -> [UInt8] {
    let count = UInt16(bytes.count)
    var (a, b) = (UInt32(1), UInt32(0))
    for byte in bytes {
      a = (a + UInt32(byte)) % 65521
      b = (b + a) % 65521
    }
    let length = [UInt8(truncatingIfNeeded: count), UInt8(count >> 8)]
    return [0x78, 0x01, 1] + length + length.map { ~$0 } + bytes + bigEndian(b << 16 | a ^ (isDamaged ? 1 : 0))
  }

  /// Two rows of three greys.
  private static let rows: [UInt8] = [0, 10, 20, 30, 0, 40, 50, 60]

  private static func file(_ chunks: [UInt8]...) -> [UInt8] { signature + chunks.joined() }

  private static func data(_ bytes: [UInt8]) -> [UInt8] { chunk("IDAT", stored(bytes)) }

  private func samples(_ bytes: [UInt8]) throws -> [UInt8] { try PictureReader(bytes).decoded().samples }

  private typealias Me = DamagedPNGTests

  static let readable: [(String, [UInt8])] = [
    ("whole", file(header(3, 2), data(rows), end)),
    (
      "one byte for each data chunk",
      signature + header(3, 2) + stored(rows).flatMap { chunk("IDAT", [$0]) } + chunk("IDAT", []) + end
    ),
    ("damaged text", file(header(3, 2), chunk("tEXt", [1, 2], isDamaged: true), data(rows), end)),
    ("damaged gamma", file(header(3, 2), chunk("gAMA", [1, 2]), data(rows), chunk("tIME", [1], isDamaged: true), end)),
    ("a profile that is none", file(header(3, 2), chunk("iCCP", [65, 0, 0] + rows), data(rows), end)),
    ("animated", file(header(3, 2), chunk("acTL", [0, 0, 0, 1, 0, 0, 0, 0]), data(rows), chunk("fdAT", rows), end)),
    ("more rows than it tells", file(header(3, 2), data(rows + [0, 1, 2, 3]), end)),
    ("bytes after the stream", file(header(3, 2), chunk("IDAT", stored(rows) + [1, 2, 3]), end)),
    ("bytes after the end", file(header(3, 2), data(rows), end, rows)),
    ("a transparent colour too late", file(header(3, 2), data(rows), chunk("tRNS", [0, 10]), end)),
  ]

  @Test("what does not concern the pixels does not matter", arguments: readable)
  func harmless(name: String, bytes: [UInt8]) throws {
    #expect(try samples(bytes) == [10, 20, 30, 40, 50, 60])
    for length in 0..<lengthToEnd(of: bytes) { #expect(isRefusal(outcome(Array(bytes.prefix(length)))), "\(length)") }
  }

  /// The length of a file up to its end chunk.
  private func lengthToEnd(of bytes: [UInt8]) -> Int {
    (bytes.indices.first { bytes[$0...].starts(with: Me.end) } ?? 0) + Me.end.count
  }

  static let refused: [(String, [UInt8], String)] = [
    ("damaged data", file(header(3, 2), chunk("IDAT", stored(rows), isDamaged: true), end), "CRC"),
    ("damaged end", file(header(3, 2), data(rows), chunk("IEND", [], isDamaged: true)), "CRC"),
    ("another sum of the data", file(header(3, 2), chunk("IDAT", stored(rows, isDamaged: true)), end), "data check"),
    ("damaged header", signature + header(3, 2).dropLast() + [9] + data(rows) + end, "checksum of its header"),
    ("two headers", file(header(3, 2), header(3, 2), data(rows), end), "IHDR"),
    ("header too late", file(chunk("tEXt", [65]), header(3, 2), data(rows), end), "does not begin with a header"),
    ("header too long", file(chunk("IHDR", [UInt8](repeating: 1, count: 14)), data(rows), end), "header of 13 bytes"),
    ("no data", file(header(3, 2), end), "cannot hold"),
    ("empty data", file(header(1, 1), chunk("IDAT", []), end), "cannot hold"),
    (
      "data in two places",
      file(
        header(3, 2), chunk("IDAT", Array(stored(rows).prefix(9))), chunk("tEXt", [65]),
        chunk("IDAT", Array(stored(rows).dropFirst(9))), end),
      "its data are in two places, with a chunk \"tEXt\" between"
    ),
    ("a second picture", file(header(3, 2), data(rows), chunk("tIME", [1]), data(rows), end), "data are in two places"),
    ("too few rows", file(header(3, 2), data(Array(rows.dropLast())), end), "Not enough image data"),
    ("filter 9", file(header(3, 2), data([9] + rows.dropFirst()), end), "filter"),
    ("filter 5", file(header(3, 2), data([5] + rows.dropFirst()), end), "filter"),
    ("no width", file(header(0, 2), data(rows), end), "expected a width and a height of 1 pixel or more, found 0 x 2"),
    ("no height", file(header(3, 0), data(rows), end), "expected a width and a height of 1 pixel or more, found 3 x 0"),
    ("largest size", file(header(.max, .max), data(rows), end), "larger than the limit"),
    ("too wide", file(header(2_000_000, 1), data(rows), end), "larger than the limit"),
    ("no palette", file(header(3, 2, color: 3), data(rows), end), "PLTE"),
    ("palette after the data", file(header(3, 2, color: 3), data(rows), chunk("PLTE", [1, 2, 3]), end), "PLTE"),
    ("palette of 4 bytes", file(header(3, 2, color: 3), chunk("PLTE", [1, 2, 3, 4]), data(rows), end), "PLTE"),
    (
      "damaged opacities",
      file(header(3, 2), chunk("tRNS", [0, 10], isDamaged: true), data(rows), end), "opacities cannot be read"
    ),
    ("critical chunk", file(header(3, 2), chunk("CgBI", [1]), data(rows), end), "CgBI"),
    ("7 bits", file(header(3, 2, depth: 7), data(rows), end), "as depth of colour type"),
    ("colour type 1", file(header(3, 2, color: 1), data(rows), end), "as colour type, found 1"),
    ("palette of 16 bits", file(header(3, 2, depth: 16, color: 3), data(rows), end), "depth of colour type 3"),
    ("interlacing 2", file(header(3, 2, interlacing: 2), data(rows), end), "as interlacing, found 2"),
    ("another compression", file(header(3, 2, methods: [1, 0]), data(rows), end), "as compression method, found 1"),
    ("chunk of 2 GiB", file(header(3, 2), [0x7f, 0xff, 0xff, 0xff], Array("IDAT".utf8), rows), "breaks off"),
    ("chunk of 4 GiB", file(header(3, 2), [0xff, 0xff, 0xff, 0xff], Array("IDAT".utf8), rows), "breaks off"),
    ("no zlib stream", file(header(3, 2), chunk("IDAT", rows), end), "damaged PNG: "),
    (
      "line ends changed", [0x89, 0x50, 0x4e, 0x47, 0x0a, 0x1a, 0x0a] + header(3, 2) + data(rows) + end,
      "found a PNG whose line ends were changed in a transfer"
    ),
    ("another signature", [0x89, 0x50, 0x4e, 0x47, 0x8d, 0x0a, 0x1a, 0x0a] + rows, "one whose signature is damaged"),
  ]

  @Test("what is damaged, too large or of another kind is refused in words", arguments: refused)
  func refuses(name: String, bytes: [UInt8], part: String) {
    let text = outcome(bytes)
    #expect(isRefusal(text) && text.contains(part), "\(text)")
  }

  @Test("a small file that claims many pixels costs no memory", arguments: [false, true])
  func bomb(isInterlaced: Bool) throws {
    let interlacing: UInt8 = isInterlaced ? 1 : 0
    let huge = Me.file(Me.header(60_000, 60_000, color: 6, interlacing: interlacing), Me.data(Me.rows), Me.end)
    #expect(outcome(huge) == "an image of 60000 x 60000 pixels is larger than the limit")
    let aboveLimit = Me.file(Me.header(8_200, 8_200, color: 6, interlacing: interlacing), Me.data(Me.rows), Me.end)
    #expect(outcome(aboveLimit) == "an image of 8200 x 8200 pixels is larger than the limit")
    let large = Me.file(Me.header(8_000, 8_000, color: 6, interlacing: interlacing), Me.data(Me.rows), Me.end)
    #expect(outcome(large) == "damaged PNG: its bytes cannot hold the 8000 x 8000 pixels that it claims")
  }

  /// A file of three by two palette indices.
  private static func indexed(
    _ rows: [UInt8], colors: Int, depth: UInt8 = 8, interlacing: UInt8 = 0, opacities: [UInt8] = []
  ) -> [UInt8] {
    let palette = (0..<colors).flatMap { [UInt8($0), UInt8(2 * $0), UInt8(3 * $0)] }
    return file(
      header(3, 2, depth: depth, color: 3, interlacing: interlacing), chunk("PLTE", palette),
      opacities.isEmpty ? [] : chunk("tRNS", opacities), data(rows), end)
  }

  static let strangeIndices: [(String, [UInt8], Int, Int)] = [
    ("8 bits", indexed([0, 0, 9, 0, 0, 0, 15, 0], colors: 8), 9, 8),
    ("one pixel", indexed([0, 0, 0, 0, 0, 0, 0, 1], colors: 1), 1, 1),
    // Passes 1, 4, 6 and 7 of three by two pixels (PNG, 8.2): the first pixel, the third, the second, and the second row.
    ("interlaced", indexed([0, 0, 0, 1, 0, 1, 0, 0, 3, 1], colors: 3, interlacing: 1), 3, 3),
    ("opacities", indexed([0, 0, 1, 2, 0, 0, 255, 0], colors: 3, opacities: [0, 100]), 255, 3),
    ("4 bits", indexed([0, 0x01, 0x20, 0, 0x0a, 0x10], colors: 8, depth: 4), 10, 8),
    ("1 bit", indexed([0, 0, 0, 0x40], colors: 1, depth: 1), 1, 1),
  ]

  @Test("an index beyond the palette is refused, which other decoders draw in black", arguments: strangeIndices)
  func beyondPalette(name: String, bytes: [UInt8], index: Int, colors: Int) {
    let words = colors == 1 ? "1 colour" : "\(colors) colours"
    #expect(outcome(bytes) == "damaged PNG: a pixel has palette index \(index), the palette has \(words)")
  }

  @Test("indices of the palette are its colours, and the transparent ones are laid on white")
  func palette() throws {
    let colors: [UInt8] = [0, 0, 0, 1, 2, 3, 2, 4, 6, 2, 4, 6, 1, 2, 3, 0, 0, 0]
    // Bits behind the last pixel of a row are no pixel.
    for file in [
      Me.indexed([0, 0, 1, 2, 0, 2, 1, 0], colors: 3), Me.indexed([0, 0x01, 0x2f, 0, 0x21, 0x0f], colors: 3, depth: 4),
      Me.indexed([0, 0b0001_1011, 0, 0b1001_0011], colors: 3, depth: 2),
      Me.indexed([0, 0, 0, 2, 0, 1, 0, 2, 1, 0], colors: 3, interlacing: 1),
    ] { #expect(try samples(file) == colors) }
    let laid = try samples(Me.indexed([0, 0, 1, 2, 0, 2, 1, 0], colors: 3, opacities: [0, 51]))
    #expect(laid == [255, 255, 255, 204, 204, 205, 2, 4, 6, 2, 4, 6, 204, 204, 205, 255, 255, 255])
  }

  @Test("what is written is read") func back() throws {
    let pixels = (0..<35).map { UInt8($0 * 7) }
    let picture = try PictureReader(PNGImage(width: 7, height: 5, pixels: pixels).encoded()).decoded()
    #expect((picture.width, picture.height, picture.channels) == (7, 5, 1) && picture.samples == pixels)
    let colors = (0..<105).map { UInt8($0 * 2) }
    let colored = try PictureReader(PNGImage(width: 7, height: 5, colors: colors).encoded()).decoded()
    #expect(colored.channels == 3 && colored.samples == colors)
  }

  @Test("any byte that is not what it was is seen: by a checksum, or as no PNG at all") func bytes() {
    let whole = PNGImage(width: 7, height: 5, pixels: (0..<35).map { UInt8($0 * 7) }).encoded()
    for place in whole.indices {
      var bytes = whole
      bytes[place] ^= 0x20
      #expect(isRefusal(outcome(bytes)), "\(place)")
    }
  }
}
