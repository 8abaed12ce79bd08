import Foundation
import NumericChecks
import Testing

@testable import GraftFiles

@Suite("PNG, read as greys")
struct PNGDecodingTests {
  struct Cases: Decodable {
    struct Picture: Decodable {
      let name: String
      let width: Int
      let height: Int
      /// In base64.
      let file: String
      let greys: [Int]
    }

    let cases: [Picture]
  }

  @Test("every kind that Pillow writes, against Pillow's greys")
  func golden() throws {
    let golden = try Golden.load(Cases.self, from: "png")
    #expect(golden.cases.count == 15)
    for picture in golden.cases {
      let file = Array(try #require(Data(base64Encoded: picture.file)))
      let image = try PNGImage(decoding: file)
      #expect((image.width, image.height) == (picture.width, picture.height), "\(picture.name)")
      let largest = zip(image.pixels, picture.greys).map { abs(Int($0) - $1) }.max()
      #expect(image.pixels.count == picture.greys.count && largest ?? 9 <= 1, "\(picture.name): \(largest ?? 9)")
    }
  }

  private let pixels = (0..<35).map { UInt8($0 * 7) }

  @Test("what is written is read") func back() throws {
    let image = try PNGImage(decoding: PNGImage(width: 7, height: 5, pixels: pixels).encoded())
    #expect((image.width, image.height) == (7, 5) && image.pixels == pixels)
  }

  /// The file with the byte of its header at `place` changed, and the header's checksum made right.
  private func changed(_ place: Int, to value: UInt8) -> [UInt8] {
    var bytes = PNGImage(width: 7, height: 5, pixels: pixels).encoded()
    bytes[16 + place] = value
    let checksum = CRC32.checksum(bytes[12..<29])
    for (index, shift) in [24, 16, 8, 0].enumerated() {
      bytes[29 + index] = UInt8(truncatingIfNeeded: checksum >> shift)
    }
    return bytes
  }

  @Test("what is damaged, too large or of another kind is refused in words")
  func refused() {
    func text(_ bytes: [UInt8]) -> String {
      do {
        return "no error: \(try PNGImage(decoding: bytes).pixels.count)"
      } catch {
        return error.description
      }
    }
    let whole = PNGImage(width: 7, height: 5, pixels: pixels).encoded()
    #expect(text(changed(12, to: 1)).contains("interlaced PNG images are not read"))
    #expect(text(changed(8, to: 7)).contains("of a kind that is not in the standard"))
    #expect(text(changed(9, to: 1)).contains("of a kind that is not in the standard"))
    #expect(text(changed(0, to: 0x7f)).contains("is larger than the limit"))
    #expect(text(changed(3, to: 0)).contains("a PNG image of 0 x 5 pixels"))
    #expect(text(changed(7, to: 6)).contains("expected 48 bytes of unpacked image data, found 40"))
    #expect(text(changed(7, to: 4)).contains("expected 32 bytes of unpacked image data, found more"))
    #expect(text(Array("GIF89a".utf8)).hasPrefix("byte 0: expected a PNG image, found "))
    for length in 8..<whole.count { #expect(text(Array(whole.prefix(length))).hasPrefix("byte "), "\(length)") }
    // Any byte that is not what it was is seen: by a checksum, or as no PNG at all.
    for place in whole.indices where place >= 8 {
      var bytes = whole
      bytes[place] ^= 0x20
      #expect(!text(bytes).hasPrefix("no error"), "\(place)")
    }
  }
}
