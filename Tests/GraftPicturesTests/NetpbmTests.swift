import GraftFiles
import GraftPictures
import Testing

@Suite("Netpbm's formats")
struct NetpbmTests {
  private func picture(_ text: String, _ data: [UInt8] = []) throws -> Picture {
    try PictureReader(Array(text.utf8) + data).decoded()
  }

  @Test("greys and colours, binary and plain, with comments and other largest values")
  func kinds() throws {
    let binary = try picture("P5 # made by hand\n3 2\n255\n", [0, 1, 2, 3, 254, 255])
    #expect(binary.samples == [0, 1, 2, 3, 254, 255] && (binary.width, binary.height, binary.channels) == (3, 2, 1))
    let plain = try picture("P2\n# width height\n3 2 15\n0 1 2\n 3 14 15")
    #expect(plain.samples == [0, 17, 34, 51, 238, 255] && (plain.width, plain.height) == (3, 2))
    let colors = try picture("P6 1 2 255\n", [1, 2, 3, 4, 5, 6])
    #expect(colors.samples == [1, 2, 3, 4, 5, 6] && (colors.width, colors.height, colors.channels) == (1, 2, 3))
    #expect(try picture("P3 1 1 1 1 0 1").samples == [255, 0, 255])
    #expect(try picture("P5 3 1 1000\n", [0, 0, 1, 0xf4, 3, 0xe8]).samples == [0, 128, 255])
    #expect(try picture("P6 1 1 65535\n", [0xff, 0xff, 0, 0x80, 0x12, 0x34]).samples == [255, 0, 18])
    // Another picture may follow.
    #expect(try picture("P5 1 1 255\n", [7] + Array("P5 1 1 255\n8".utf8)).samples == [7])
  }

  static let broken: [(String, String)] = [
    ("P5", "byte 2: expected the width, a number from 1 to 1000000"),
    ("P5 0 2 255 ", "byte 3: expected the width, a number from 1 to 1000000"),
    ("P5 3 x 255 ", "byte 5: expected the height, a number from 1 to 1000000"),
    ("P5 3 2 0 ", "byte 7: expected the largest value, a number from 1 to 65535"),
    ("P5 3 2 65536 ", "byte 7: expected the largest value, a number from 1 to 65535"),
    ("P5 99999 99999 255 ", "an image of 99999 x 99999 pixels is larger than the limit"),
    ("P5 99999999999999999999 2 255 ", "byte 3: expected the width, a number from 1 to 1000000"),
    ("P5 3 2 255 abc", "byte 11: expected 6 bytes of pixels, found 3"),
    ("P5 3 2 256 abcdef", "byte 11: expected 12 bytes of pixels, found 6"),
    ("P6 3 2 255 abcdef", "byte 11: expected 18 bytes of pixels, found 6"),
    ("P5 3 2 1 aaaaaa", "byte 9: expected a pixel of at most 1, found 97"),
    ("P2 3 2 9 1 2 3 4 5", "damaged PGM or PPM: its bytes cannot hold the 3 x 2 pixels that it claims"),
    ("P2 3 2 9 1 2 3       ", "byte 21: expected a pixel, a number from 0 to 9"),
    ("P2 3 2 9 1 2 3 4 5 10", "byte 19: expected a pixel, a number from 0 to 9"),
    ("P2 7999 7999 255 1 2 3", "damaged PGM or PPM: its bytes cannot hold the 7999 x 7999 pixels that it claims"),
  ]

  @Test("a broken file is named with its byte", arguments: broken)
  func brokenFile(text: String, expected: String) { #expect(outcome(Array(text.utf8)) == expected) }
}
