import Foundation
import GraftFiles
import GraftMatrices
import NumericChecks
import Testing

@testable import GraftData

@Suite("JPEG, read as greys")
struct JPEGImageTests {
  struct Picture: Decodable {
    let name: String
    let width: Int
    let height: Int
    /// In base64.
    let file: String
    let greys: [Int]

    func bytes() throws -> [UInt8] { Array(try #require(Data(base64Encoded: file))) }
  }

  struct Cases: Decodable { let cases: [Picture] }

  private let pictures: [Picture]

  init() throws { pictures = try Golden.load(Cases.self, from: "jpeg").cases }

  private func bytes(of name: String) throws -> [UInt8] {
    try #require(pictures.first { $0.name == name }).bytes()
  }

  /// The error's text, or the size of what was read.
  private func text(_ bytes: [UInt8]) -> String {
    do {
      let image = try JPEGImage(decoding: bytes)
      return "read: \(image.width) x \(image.height)"
    } catch {
      return error.description
    }
  }

  @Test("eight orientations, progressive, grey, CMYK and halved colours, against Pillow's upright greys")
  func golden() throws {
    #expect(pictures.count == 18)
    for picture in pictures {
      let image = try JPEGImage(decoding: try picture.bytes())
      #expect((image.width, image.height) == (picture.width, picture.height), "\(picture.name)")
      let largest = zip(image.pixels, picture.greys).map { abs(Int($0) - $1) }.max()
      #expect(image.pixels.count == picture.greys.count && largest ?? 9 <= 2, "\(picture.name): \(largest ?? 9)")
    }
  }

  @Test("a file that breaks off is refused in one line")
  func truncated() throws {
    for picture in pictures {
      let whole = try picture.bytes()
      for length in stride(from: 0, to: whole.count, by: 20) + [whole.count - 2, whole.count - 1] {
        let text = text(Array(whole.prefix(length)))
        #expect(!text.hasPrefix("read: ") && !text.contains("\n") && !text.isEmpty, "\(picture.name), \(length)")
      }
    }
  }

  /// The file of colours with bytes of its frame header changed, counted from its marker.
  private func changed(_ values: [Int: UInt8]) throws -> [UInt8] {
    var bytes = try bytes(of: "colours, 4:4:4")
    let start = try #require(bytes.indices.first { bytes[$0...].starts(with: [0xff, 0xc0, 0x00, 0x11]) })
    for (place, value) in values { bytes[start + place] = value }
    return bytes
  }

  @Test("what is too large or of another kind is refused in words")
  func refused() throws {
    // 4.29 thousand million pixels: nothing is set aside for them.
    #expect(
      text(try changed([5: 0xff, 6: 0xdc, 7: 0xff, 8: 0xdc]))
        == "an image of 65500 x 65500 pixels is larger than the limit")
    #expect(text(try changed([5: 0, 6: 0])).hasPrefix("JPEG that cannot be read: "))
    // Twelve bits a sample, and without loss.
    #expect(text(try changed([4: 12])).hasPrefix("JPEG that cannot be read: "))
    #expect(text(try changed([1: 0xc3])).hasPrefix("JPEG that cannot be read: "))
    #expect(text(Array("GIF89a".utf8)) == "byte 0: expected a JPEG image, found a GIF image")
    #expect(text([]) == "byte 0: expected a JPEG image, found an empty file")
  }

  @Test("a damaged EXIF block leaves the picture as it is stored")
  func damagedEXIF() throws {
    let whole = try bytes(of: "orientation 6")
    #expect(text(whole) == "read: 17 x 23")
    let start = try #require(whole.indices.first { whole[$0...].starts(with: Array("Exif\0\0".utf8)) })
    let length = Int(whole[start - 2]) << 8 + Int(whole[start - 1]) - 2
    var garbage = whole
    for place in start + 6..<start + length { garbage[place] = 0xff }
    #expect(text(garbage) == "read: 23 x 17")
    // No byte of the block makes the picture unreadable or stops the program.
    for place in start..<start + length {
      for value: UInt8 in [0, 1, 9, 0x7f, 0x80, 0xff] {
        var bytes = whole
        bytes[place] = value
        #expect(["read: 17 x 23", "read: 23 x 17"].contains(text(bytes)), "\(place), \(value)")
      }
    }
  }

  @Test("a turn keeps each pixel", arguments: JPEGImage.Orientation.allCases)
  func turned(_ orientation: JPEGImage.Orientation) {
    let turned = orientation.upright([0, 1, 2, 3, 4, 5], width: 3, height: 2)
    let expected: [[UInt8]] = [
      [0, 1, 2, 3, 4, 5], [2, 1, 0, 5, 4, 3], [5, 4, 3, 2, 1, 0], [3, 4, 5, 0, 1, 2],
      [0, 3, 1, 4, 2, 5], [3, 0, 4, 1, 5, 2], [5, 2, 4, 1, 3, 0], [2, 5, 1, 4, 0, 3],
    ]
    #expect(turned == expected[Int(orientation.rawValue) - 1])
  }

  @Test("a picture for a model, of its size or framed")
  func input() throws {
    let file = try bytes(of: "grey")
    let shape = ImageShape(height: 17, width: 23)
    let images = try ImageInput.read(file, name: "x.jpg", shape: shape)
    #expect(images.map(\.pixels) == [try JPEGImage(decoding: file).pixels])
    // As many bytes as the model has pixels: still a picture, and one of another size.
    let long = ImageShape(height: 1, width: file.count)
    let error = #expect(throws: FormatError.self) { try ImageInput.read(file, name: "x.jpg", shape: long) }
    #expect(error?.description.contains("found 17 x 23") == true)
    let framed = try ImageInput.read(file, name: "x.jpg", shape: ImageShape(height: 28, width: 28), fits: true)
    #expect(framed.map(\.isFramed) == [true])
  }
}
