import Testing

@testable import GraftFiles

@Suite struct PNGImageTests {
  /// Type and data of each chunk, their checksums verified.
  private func chunks(_ bytes: [UInt8]) throws -> [(type: String, data: [UInt8])] {
    #expect(bytes.prefix(8) == [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
    func number(_ place: Int) -> Int { bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
    var chunks: [(type: String, data: [UInt8])] = []
    var place = 8
    while place < bytes.count {
      let length = number(place)
      let body = bytes[place + 4..<place + 8 + length]
      try #require(number(place + 8 + length) == Int(CRC32.checksum(body)))
      chunks.append((String(decoding: body.prefix(4), as: UTF8.self), Array(body.dropFirst(4))))
      place += 12 + length
    }
    return chunks
  }

  /// What a zlib stream holds, read as the gzip member around the same deflate stream.
  private func inflated(_ zlib: [UInt8], _ expected: [UInt8]) throws -> [UInt8] {
    let deflate = zlib.dropFirst(2).dropLast(4)
    let trailer = [UInt32(CRC32.checksum(expected)), UInt32(expected.count)].flatMap { value in
      [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
    return try Gzip.decompress([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255] + deflate + trailer)
  }

  @Test func greys() throws {
    let pixels = (0..<12).map { UInt8($0 * 20) }
    let chunks = try chunks(PNGImage(width: 4, height: 3, pixels: pixels).encoded())
    #expect(chunks.map(\.type) == ["IHDR", "IDAT", "IEND"])
    #expect(chunks[0].data == [0, 0, 0, 4, 0, 0, 0, 3, 8, 0, 0, 0, 0])
    let rows = [0] + pixels[0..<4] + [0] + pixels[4..<8] + [0] + pixels[8..<12]
    #expect(try inflated(chunks[1].data, rows) == rows)
  }

  @Test func colors() throws {
    let colors = (0..<12).map { UInt8($0 * 20) }
    let chunks = try chunks(PNGImage(width: 2, height: 2, colors: colors).encoded())
    #expect(chunks.map(\.type) == ["IHDR", "IDAT", "IEND"])
    #expect(chunks[0].data == [0, 0, 0, 2, 0, 0, 0, 2, 8, 2, 0, 0, 0])
    let rows = [0] + colors[0..<6] + [0] + colors[6..<12]
    #expect(try inflated(chunks[1].data, rows) == rows)
  }

  @Test func palettes() throws {
    let clear = PNGImage.Entry(red: 1, green: 2, blue: 3, alpha: 0)
    let solid = PNGImage.Entry(red: 4, green: 5, blue: 6)
    let some = try chunks(PNGImage(width: 2, height: 1, pixels: [0, 1], palette: [clear, solid]).encoded())
    #expect(some.map(\.type) == ["IHDR", "PLTE", "tRNS", "IDAT", "IEND"])
    #expect(some[0].data[9] == 3 && some[1].data == [1, 2, 3, 4, 5, 6] && some[2].data == [0, 255])
    let none = try chunks(PNGImage(width: 1, height: 1, pixels: [0], palette: [solid]).encoded())
    #expect(none.map(\.type) == ["IHDR", "PLTE", "IDAT", "IEND"])
  }
}
