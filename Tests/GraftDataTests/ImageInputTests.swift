import Foundation
import GraftData
import GraftFiles
import GraftMatrices
import NumericChecks
import Testing

@Suite("Images handed to a model")
struct ImageInputTests {
  static let shape = ImageShape(height: 2, width: 3)

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

  @Test("a picture for a model, of its size or framed")
  func pictures() throws {
    struct Cases: Decodable {
      struct Picture: Decodable {
        let name: String
        let file: Data
        let greys: Data
      }

      let cases: [Picture]
    }
    let shape = ImageShape(height: 17, width: 23)
    let cases = try Golden.load(Cases.self, from: "pictures").cases
    for name in ["JPEG, grey", "JPEG, 4:2:0", "PNG, colours and opacity", "WebP, without loss"] {
      let picture = try #require(cases.first { $0.name == name })
      let file = Array(picture.file)
      #expect(try ImageInput.read(file, name: "x", shape: shape).map(\.pixels) == [Array(picture.greys)])
      // As many bytes as the model has pixels: still a picture, and one of another size.
      let long = ImageShape(height: 1, width: file.count)
      let error = #expect(throws: FormatError.self) { try ImageInput.read(file, name: "x.jpg", shape: long) }
      #expect(error?.description.contains("found 17 x 23") == true)
      let framed = try ImageInput.read(file, name: "x.jpg", shape: ImageShape(height: 28, width: 28), fits: true)
      #expect(framed.map(\.isFramed) == [true])
    }
  }

  static let refused: [([UInt8], String)] = [
    (Array("P5 2 3 255\nabcdef".utf8), "x: expected 2 x 3 pixels as the model reads, found 3 x 2"),
    (Array("<!DOCTYPE html><html>".utf8), "found an HTML page"),
    ([1, 2, 3], "found 3 bytes of something else"),
    ([], "expected an IDX file, a JPEG, PNG, WebP, PGM or PPM picture or 6 bytes of pixels"),
  ]

  @Test("another shape or another thing is refused in words", arguments: refused)
  func refuses(bytes: [UInt8], expected: String) {
    let error = #expect(throws: FormatError.self) { try ImageInput.read(bytes, name: "x", shape: Self.shape) }
    #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
  }
}
