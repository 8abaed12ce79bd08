import Testing

@testable import GraftPictures

@Suite("EXIF orientations")
struct OrientationTests {
  private static let expected: [[UInt8]] = [
    [0, 1, 2, 3, 4, 5], [2, 1, 0, 5, 4, 3], [5, 4, 3, 2, 1, 0], [3, 4, 5, 0, 1, 2],
    [0, 3, 1, 4, 2, 5], [3, 0, 4, 1, 5, 2], [5, 2, 4, 1, 3, 0], [2, 5, 1, 4, 0, 3],
  ]

  @Test("a turn keeps each pixel", arguments: Orientation.allCases)
  func turned(_ orientation: Orientation) {
    let expected = Self.expected[Int(orientation.rawValue) - 1]
    let greys = orientation.upright(Picture(width: 3, height: 2, channels: 1, samples: [0, 1, 2, 3, 4, 5]))
    #expect(greys.samples == expected && greys.width == (orientation.swapsSides ? 2 : 3))
    let colors = orientation.upright(
      Picture(width: 3, height: 2, channels: 3, samples: (0..<18).map { UInt8($0 / 3 * 10 + $0 % 3) }))
    let expectedColors: [UInt8] = expected.flatMap { grey in (0..<3).map { grey * 10 + $0 } }
    #expect(colors.samples == expectedColors)
  }

  @Test("larger pictures are turned by tiles", arguments: Orientation.allCases)
  func tiles(_ orientation: Orientation) {
    let (width, height) = (70, 33)
    let samples = (0..<width * height).map { UInt8(truncatingIfNeeded: $0 * $0 / 7) }
    let turned = orientation.upright(Picture(width: width, height: height, channels: 1, samples: samples))
    // Each stored pixel, by the region that it is.
    for row in 0..<height {
      for column in 0..<width {
        let pixel = PictureRegion(columns: column..<column + 1, rows: row..<row + 1)
        let place = orientation.upright(pixel, width: width, height: height)
        let found = turned.samples[place.rows.lowerBound * turned.width + place.columns.lowerBound]
        #expect(found == samples[row * width + column])
        #expect(orientation.stored(place, width: turned.width, height: turned.height) == pixel)
      }
    }
  }

  @Test("a damaged EXIF block leaves the picture as it is stored")
  func damagedEXIF() throws {
    let whole = try GoldenPicture.named("JPEG, orientation 6").bytes
    #expect(outcome(whole) == "read: 17 x 23")
    let start = try #require(whole.indices.first { whole[$0...].starts(with: Orientation.exifName) })
    let length = Int(whole[start - 2]) << 8 + Int(whole[start - 1]) - 2
    var garbage = whole
    for place in start + 6..<start + length { garbage[place] = 0xff }
    #expect(outcome(garbage) == "read: 23 x 17")
    // No byte of the block makes the picture unreadable or stops the program.
    for place in start..<start + length {
      for value: UInt8 in [0, 1, 9, 0x7f, 0x80, 0xff] {
        var bytes = whole
        bytes[place] = value
        #expect(["read: 17 x 23", "read: 23 x 17"].contains(outcome(bytes)), "\(place), \(value)")
      }
    }
  }

  @Test("the tag is read in both byte orders, with and without the block's name")
  func byteOrders() {
    let little: [UInt8] = [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0]
    let big: [UInt8] = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0]
    for block in [little, big] {
      #expect(Orientation(exif: block[...]) == .turnedLeft)
      #expect(Orientation(exif: (Orientation.exifName + block)[...]) == .turnedLeft)
      #expect(Orientation(exif: block.dropLast(4)) == nil)
    }
    #expect(Orientation(exif: []) == nil)
  }
}
