import GraftData
import GraftFiles
import GraftMatrices
import Testing

@Suite("Images handed to a model")
struct ImageInputTests {
  static let shape = ImageShape(height: 2, width: 3)

  @Test("PGM, binary and plain, with comments and another largest value")
  func pgm() throws {
    let binary = Array("P5 # made by hand\n3 2\n255\n".utf8) + [0, 1, 2, 3, 254, 255]
    #expect(try PGMImage(decoding: binary).pixels == [0, 1, 2, 3, 254, 255])
    let plain = Array("P2\n# width height\n3 2 15\n0 1 2\n 3 14 15".utf8)
    let image = try PGMImage(decoding: plain)
    #expect(image.pixels == [0, 17, 34, 51, 238, 255])
    #expect((image.width, image.height) == (3, 2))
  }

  static let broken: [(String, String)] = [
    ("P6 3 2 255 ", "byte 0: expected a PGM image (P2 or P5), found something else"),
    ("P5", "byte 2: expected the width, a number from 1 to 67108864"),
    ("P5 0 2 255 ", "byte 3: expected the width, a number from 1 to 67108864"),
    ("P5 3 x 255 ", "byte 5: expected the height, a number from 1 to 67108864"),
    ("P5 3 2 256 ", "byte 7: expected the largest value, a number from 1 to 255"),
    ("P5 99999 99999 255 ", "an image of 99999 x 99999 pixels is larger than the limit"),
    ("P5 99999999999999999999 2 255 ", "byte 3: expected the width, a number from 1 to 67108864"),
    ("P5 3 2 255 abc", "byte 11: expected 6 bytes of pixels, found 3"),
    ("P5 3 2 1 aaaaaa", "byte 9: expected a pixel of at most 1, found 97"),
    ("P2 3 2 9 1 2 3", "byte 14: expected a pixel, a number from 0 to 9"),
    ("P2 3 2 9 1 2 3 4 5 10", "byte 19: expected a pixel, a number from 0 to 9"),
  ]

  @Test("a broken PGM is named with its byte", arguments: broken)
  func brokenPGM(text: String, expected: String) {
    let error = #expect(throws: FormatError.self) { try PGMImage(decoding: Array(text.utf8)) }
    #expect(error?.description == expected)
  }

  @Test("bare bytes, PGM and IDX are told apart")
  func kinds() throws {
    let pixels: [UInt8] = [9, 8, 7, 6, 5, 4]
    #expect(try ImageInput.read(pixels, name: "raw", shape: Self.shape) == [ImageInput(name: "raw", pixels: pixels)])
    let idx = try IDXFile(dimensions: [2, 2, 3], bytes: pixels + pixels.reversed()).encoded()
    let images = try ImageInput.read(idx, name: "two", shape: Self.shape)
    #expect(images.map(\.name) == ["two[0]", "two[1]"])
    #expect(images.map(\.pixels) == [pixels, pixels.reversed()])
    let pgm = Array("P5 3 2 255\n".utf8) + pixels
    #expect(try ImageInput.read(pgm, name: "p", shape: Self.shape).map(\.pixels) == [pixels])
  }

  static let refused: [([UInt8], String)] = [
    (Array("P5 2 3 255\nabcdef".utf8), "x: expected 2 x 3 pixels as the model reads, found 3 x 2"),
    (Array("<!DOCTYPE html><html>".utf8), "found an HTML page"),
    ([1, 2, 3], "found 3 bytes of something else"),
    ([], "expected an IDX file, a PNG, JPEG or PGM image or 6 bytes of pixels"),
  ]

  @Test("another shape or another thing is refused in words", arguments: refused)
  func refuses(bytes: [UInt8], expected: String) {
    let error = #expect(throws: FormatError.self) { try ImageInput.read(bytes, name: "x", shape: Self.shape) }
    #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
  }
}
