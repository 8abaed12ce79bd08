import Foundation
import GraftFiles
import GraftPictures
import Testing

@Suite("Pictures of all formats")
struct PictureReaderTests {
  @Test("there are files of every kind") func count() { #expect(GoldenPicture.all.count == 70) }

  @Test("upright pixels, against Pillow's", arguments: GoldenPicture.all)
  func golden(_ golden: GoldenPicture) throws {
    let reader = try PictureReader(golden.bytes)
    #expect((reader.width, reader.height) == (golden.width, golden.height))
    #expect((reader.channels, reader.hasAlpha) == (golden.channels, golden.hasAlpha))
    let picture = try reader.decoded()
    #expect((picture.width, picture.height, picture.channels) == (golden.width, golden.height, golden.channels))
    #expect(largestDifference(picture.samples, golden.pixels) <= golden.within)
    let greys = try reader.decoded(as: .grey)
    #expect(greys.channels == 1 && largestDifference(greys.samples, golden.greys) <= golden.within)
    #expect(try reader.decoded(as: .rgb) == picture.converted(to: .rgb))
  }

  @Test("shrunken pixels: of JPEG Pillow's, of others all", arguments: GoldenPicture.all)
  func shrunk(_ golden: GoldenPicture) throws {
    let reader = try PictureReader(golden.bytes)
    for shrunk in golden.shrunk {
      let picture = try reader.decoded(shrunkBy: shrunk.factor)
      #expect((picture.width, picture.height) == (shrunk.width, shrunk.height))
      #expect(largestDifference(picture.samples, shrunk.pixels) == 0)
    }
    for factor in [1, 2, 4, 8] {
      let picture = try reader.decoded(shrunkBy: factor)
      #expect(reader.size(shrunkBy: factor) == (picture.width, picture.height))
      let divisor = reader.format == .jpeg ? factor : 1
      #expect(picture.width == (reader.width + divisor - 1) / divisor)
    }
  }

  @Test("a part has the bits of the whole", arguments: GoldenPicture.all)
  func parts(_ golden: GoldenPicture) throws {
    let reader = try PictureReader(golden.bytes)
    for factor in [1, 2, 8] {
      let whole = try reader.decoded(shrunkBy: factor)
      let (width, height) = (whole.width, whole.height)
      let regions = [
        (width / 2..<width / 2 + 1, height / 2..<height / 2 + 1), (0..<width, height - 1..<height),
        (width - 1..<width, 0..<height), (width / 3..<(width + 1) * 2 / 3, height / 4..<(height + 1) * 3 / 4),
      ]
      for (columns, rows) in regions where !columns.isEmpty && !rows.isEmpty {
        let part = try reader.decoded(
          shrunkBy: factor, covering: PictureRegion(columns: columns, rows: rows))
        for row in rows {
          for column in columns {
            #expect(
              pixel(part.picture, column - part.x, row - part.y) == pixel(whole, column, row),
              "\(factor): \(column), \(row)")
          }
        }
      }
    }
  }

  private func pixel(_ picture: Picture, _ column: Int, _ row: Int) -> ArraySlice<UInt8> {
    let start = (row * picture.width + column) * picture.channels
    return picture.samples[start..<start + picture.channels]
  }

  @Test("formats are told by the first bytes")
  func formats() {
    for golden in GoldenPicture.all {
      let format = PictureFormat.of(golden.bytes)
      #expect(golden.name.hasPrefix(format?.name ?? "none"))
    }
    #expect(PictureFormat.of(Array("P5 1 1 255 x".utf8)) == .netpbm)
    #expect(PictureFormat.of(Array("P6#".utf8)) == .netpbm)
    #expect(PictureFormat.of(Array("P500".utf8)) == nil)
    #expect(PictureFormat.of(Array("P4 1 1 x".utf8)) == nil)
    #expect(PictureFormat.of([]) == nil)
    #expect(Set(PictureFormat.allCases.flatMap(\.fileExtensions)).count == 9)
  }

  static let strangers: [([UInt8], String)] = [
    (Array("GIF89a".utf8), "a GIF image"),
    ([], "an empty file"),
    ([0, 0, 0, 24] + Array("ftypheic".utf8), "a HEIC image"),
    ([0, 0, 0, 24] + Array("ftypmif1".utf8) + [0, 0, 0, 0] + Array("mif1avif".utf8), "an AVIF image"),
    ([0, 0, 0, 24] + Array("ftypavif".utf8), "an AVIF image"),
    (Array("II*\0".utf8) + [8, 0, 0, 0], "a TIFF image"),
    (Array("MM\0*".utf8), "a TIFF image"),
    (Array("<!doctype html>".utf8), "an HTML page"),
    ([0, 0, 1, 0, 1, 0, 16, 16, 0, 0, 1, 0, 32, 0, 0, 4, 0, 0, 22, 0, 0, 0], "an icon (ICO)"),
    ([0, 0, 0, 12] + Array("jP  ".utf8), "a JPEG 2000 image"),
    (
      Gzip.compress([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), "gzip-compressed data with a PNG image inside"
    ),
    (Gzip.compress([1, 2, 3]), "gzip-compressed data"),
    ([1, 2, 3], "something else"),
  ]

  @Test("files of other kinds are named", arguments: strangers)
  func namesStrangers(bytes: [UInt8], name: String) {
    #expect(outcome(bytes) == "byte 0: expected a JPEG, PNG, WebP, PGM or PPM picture, found \(name)")
  }

  @Test("what follows the picture is ignored", arguments: ["JPEG, 4:2:0", "PNG, colours", "WebP, with loss"])
  func trailing(name: String) throws {
    let golden = try GoldenPicture.named(name)
    let zip = Array("PK\u{3}\u{4}".utf8)
    for trailer in [[0, 0, 0], zip, [0xff, 0xd8, 0xff, 0xe0], [UInt8](repeating: 7, count: 999)] {
      #expect(outcome(golden.bytes + trailer) == "read: \(golden.width) x \(golden.height)")
    }
  }

  @Test("a file that breaks off is refused in one line", arguments: GoldenPicture.all)
  func cut(_ golden: GoldenPicture) throws {
    let whole = golden.bytes
    let lengths = Array(stride(from: 0, to: whole.count, by: 20)) + Array(max(0, whole.count - 20)..<whole.count)
    for length in lengths { #expect(isRefusal(outcome(Array(whole.prefix(length)))), "\(length)") }
  }

  @Test("any flipped bit is a picture or an error", arguments: GoldenPicture.all)
  func flipped(_ golden: GoldenPicture) throws {
    // Every bit of the small files, and one of each byte of the others.
    var bytes = golden.bytes
    for place in bytes.indices {
      for bit in bytes.count < 500 ? Array(0..<8) : [place * 5 % 8] {
        bytes[place] ^= 1 << bit
        let text = outcome(bytes)
        #expect(text.hasPrefix("read: ") || isRefusal(text), "\(place), \(bit)")
        bytes[place] ^= 1 << bit
      }
    }
  }
}
