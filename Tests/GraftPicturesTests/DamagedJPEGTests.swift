import GraftFiles
import GraftPictures
import Testing

@Suite("JPEG files that are damaged or strange")
struct DamagedJPEGTests {
  /// The file of colours with bytes of its frame header changed, counted from its marker.
  private func changed(_ values: [Int: UInt8]) throws -> [UInt8] {
    var bytes = try GoldenPicture.named("JPEG, 4:4:4").bytes
    let start = try #require(bytes.indices.first { bytes[$0...].starts(with: [0xff, 0xc0, 0x00, 0x11]) })
    for (place, value) in values { bytes[start + place] = value }
    return bytes
  }

  @Test("what is too large or of another kind is refused in words")
  func refused() throws {
    // 4.29 thousand million pixels: nothing is set aside for them.
    #expect(
      outcome(try changed([5: 0xff, 6: 0xdc, 7: 0xff, 8: 0xdc]))
        == "an image of 65500 x 65500 pixels is larger than the limit")
    #expect(outcome(try changed([5: 0, 6: 0])) == "expected a width and a height of 1 pixel or more, found 23 x 0")
    // Twelve bits a sample, without loss, and two components.
    #expect(outcome(try changed([4: 12])).hasPrefix("JPEG that cannot be read: "))
    #expect(outcome(try changed([1: 0xc3])).hasPrefix("JPEG that cannot be read: "))
    #expect(outcome(try changed([9: 2])).hasPrefix("JPEG that cannot be read: "))
    #expect(outcome([0xff, 0xd8, 0xff, 0xd9]) == "damaged JPEG: its size is missing")
  }

  @Test("a thousand bytes that claim 64 million pixels are refused before memory is set aside")
  func bomb() throws {
    #expect(
      outcome(try changed([5: 0x1f, 6: 0x40, 7: 0x1f, 8: 0x40]))
        == "damaged JPEG: its bytes cannot hold the 8000 x 8000 pixels that it claims")
  }

  /// The data of the first scan begin here.
  private func scan(_ bytes: [UInt8]) throws -> Int {
    let start = try #require(bytes.indices.first { bytes[$0...].starts(with: [0xff, 0xda]) })
    return start + 2 + Int(bytes[start + 2]) << 8 + Int(bytes[start + 3])
  }

  @Test("bytes that belong to nothing are skipped before a marker and before the end")
  func extraneous() throws {
    let whole = try GoldenPicture.named("JPEG, 4:2:0").bytes
    let stray: [UInt8] = [0x12, 0x34, 0x56]
    // After the first segment, and before the end.
    let length = 4 + Int(whole[4]) << 8 + Int(whole[5])
    #expect(outcome(Array(whole[..<length]) + stray + Array(whole[length...])) == "read: 23 x 17")
    #expect(outcome(Array(whole.dropLast(2)) + stray + [0xff, 0xd9]) == "read: 23 x 17")
    for padding in [[UInt8](repeating: 0, count: 999), [UInt8](repeating: 0xff, count: 99)] {
      #expect(outcome(Array(whole.dropLast(2)) + padding + [0xff, 0xd9]) == "read: 23 x 17")
    }
    let many = [UInt8](repeating: 0x12, count: 30)
    #expect(
      outcome(Array(whole.dropLast(2)) + many + [0xff, 0xd9])
        == "damaged JPEG: data are left over after the last row of its size")
    #expect(outcome(Array(whole[..<length]) + many + Array(whole[length...])).hasPrefix("damaged JPEG: "))
    let version = try #require(whole.indices.first { whole[$0...].starts(with: Array("JFIF\0".utf8)) }) + 5
    var other = whole
    other[version] = 9
    #expect(outcome(other) == "read: 23 x 17")
  }

  @Test("data that are not what was written are refused")
  func damagedData() throws {
    let restarts = try GoldenPicture.named("JPEG, 4:2:2, restarts").bytes
    let marker = try #require(restarts.indices.first { restarts[$0...].starts(with: [0xff, 0xd0]) })
    // Left over before a restart marker, another restart marker, and none.
    let leftOver = [UInt8](repeating: 0x12, count: 16)
    #expect(isRefusal(outcome(Array(restarts[..<marker]) + leftOver + Array(restarts[marker...]))))
    var changed = restarts
    changed[marker + 1] = 0xd3
    #expect(isRefusal(outcome(changed)))
    #expect(isRefusal(outcome(Array(restarts[..<marker]) + Array(restarts[(marker + 2)...]))))
    // The second half of the data of a scan, or its first, is missing.
    let whole = try GoldenPicture.named("JPEG, 4:2:0").bytes
    let start = try scan(whole)
    let middle = (start + whole.count) / 2
    #expect(outcome(Array(whole[..<middle]) + [0xff, 0xd9]).hasPrefix("damaged JPEG: "))
    #expect(outcome(Array(whole[..<middle])) == "damaged JPEG: the file breaks off")
    #expect(outcome(Array(whole[..<start]) + [0xff, 0xd9]).hasPrefix("damaged JPEG: "))
  }

  @Test("a header that tells fewer rows or columns than there are is refused")
  func smallerHeader() throws {
    // Height and width, which are 17 and 23.
    for values in [[6: 8], [6: 16], [8: 8], [8: 16], [6: 8, 8: 8]] as [[Int: UInt8]] {
      let text = outcome(try changed(values))
      #expect(text.hasSuffix("data are left over after the last row of its size"), "\(values): \(text)")
    }
  }

  @Test("parameters of a progressive scan in another file are damage")
  func scanParameters() throws {
    var whole = try GoldenPicture.named("JPEG, 4:2:0").bytes
    let start = try scan(whole)
    #expect(Array(whole[start - 3..<start]) == [0, 63, 0])
    whole[start - 2] = 5
    #expect(outcome(whole).hasPrefix("damaged JPEG: Invalid SOS parameters"))
  }

  @Test("a file that breaks off is refused, even if the rows that it lacks are not wanted")
  func cutBelowRegion() throws {
    for name in ["JPEG, 4:2:0", "JPEG, 4:4:4", "JPEG, grey", "JPEG, progressive", "JPEG, 4:2:2, restarts"] {
      let whole = try GoldenPicture.named(name).bytes
      let region = PictureRegion(columns: 3..<9, rows: 0..<1)
      #expect(try PictureReader(whole).decoded(covering: region).picture.width == 6)
      for length in try scan(whole)..<whole.count {
        for trailer in [[], [UInt8](repeating: 0, count: 64)] {
          let cut = Array(whole.prefix(length)) + trailer
          #expect(throws: FormatError.self, "\(name), \(length)") {
            try PictureReader(cut).decoded(covering: region)
          }
        }
      }
    }
  }

  @Test("more than 500 scans are refused")
  func scans() throws {
    let whole = try GoldenPicture.named("JPEG, progressive").bytes
    let end = whole.count - 2
    let last = try #require(whole.indices.last { whole[$0...].starts(with: [0xff, 0xda]) })
    let bytes = Array(whole[..<end]) + (0..<600).flatMap { _ in whole[last..<end] } + [0xff, 0xd9]
    #expect(isRefusal(outcome(bytes)))
  }
}
