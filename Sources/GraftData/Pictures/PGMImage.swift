import GraftFiles

/// A grey image in Netpbm's PGM format, binary (`P5`) or plain (`P2`), one byte per pixel.
///
/// https://netpbm.sourceforge.net/doc/pgm.html: magic number, width, height and largest value in decimal, separated by
/// white space and comments from `#` to the end of the line; after one more white space the pixels, row by row.
package struct PGMImage: Sendable, Hashable {
  /// Width in pixels.
  package let width: Int
  /// Height in pixels.
  package let height: Int
  /// The pixels row by row, from 0, black, to 255, white.
  package let pixels: [UInt8]

  /// The most pixels that are read; larger images are refused before any memory is set aside.
  static let maximumPixels = 1 << 26

  /// Reads an image from the bytes of a file.
  package init(decoding bytes: [UInt8]) throws(FormatError) {
    var reader = Tokens(bytes: bytes)
    let magic = bytes.prefix(2)
    let isPlain = magic.elementsEqual("P2".utf8)
    guard isPlain || magic.elementsEqual("P5".utf8) else {
      let found = ContentGuess.phrase(for: bytes[...]) ?? "something else"
      throw FormatError.expected("a PGM image (P2 or P5)", found: found, offset: 0)
    }
    reader.position = 2
    width = try reader.number("the width", in: 1...PGMImage.maximumPixels)
    height = try reader.number("the height", in: 1...PGMImage.maximumPixels)
    let (count, overflow) = width.multipliedReportingOverflow(by: height)
    guard !overflow, count <= PGMImage.maximumPixels else {
      throw FormatError(problem: "an image of \(width) x \(height) pixels is larger than the limit")
    }
    let largest = try reader.number("the largest value", in: 1...255)
    func scaled(_ value: Int) -> UInt8 { UInt8((value * 255 + largest / 2) / largest) }
    if isPlain {
      var values: [UInt8] = []
      for _ in 0..<count { values.append(scaled(try reader.number("a pixel", in: 0...largest))) }
      pixels = values
    } else {
      let start = reader.position + 1
      guard bytes.count >= start, bytes.count - start >= count else {
        throw FormatError.expected(
          "\(count) bytes of pixels", found: "\(max(0, bytes.count - start))", offset: min(start, bytes.count))
      }
      let data = bytes[start..<start + count]
      if let bad = data.firstIndex(where: { Int($0) > largest }) {
        throw FormatError.expected("a pixel of at most \(largest)", found: "\(bytes[bad])", offset: bad)
      }
      pixels = data.map { scaled(Int($0)) }
    }
  }

  /// A reader of decimal numbers between white space and comments.
  private struct Tokens {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func number(_ what: String, in range: ClosedRange<Int>) throws(FormatError) -> Int {
      skipSpace()
      let start = position
      var value = 0
      while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) {
        value = value * 10 + Int(bytes[position] - UInt8(ascii: "0"))
        guard value <= range.upperBound else { break }
        position += 1
      }
      guard position > start || value > 0, range.contains(value) else {
        throw FormatError(
          offset: start, problem: "expected \(what), a number from \(range.lowerBound) to \(range.upperBound)")
      }
      return value
    }

    private mutating func skipSpace() {
      var isComment = false
      while position < bytes.count {
        let byte = bytes[position]
        if isComment {
          isComment = byte != UInt8(ascii: "\n") && byte != UInt8(ascii: "\r")
        } else if byte == UInt8(ascii: "#") {
          isComment = true
        } else if byte != 0x20 && !(0x09...0x0D).contains(byte) {
          return
        }
        position += 1
      }
    }
  }
}
