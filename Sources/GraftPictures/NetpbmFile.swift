import GraftFiles

/// A picture in Netpbm's formats: greys (PGM, `P2` and `P5`) or colours (PPM, `P3` and `P6`).
///
/// https://netpbm.sourceforge.net/doc/pgm.html: magic number, width, height and largest value in decimal, separated by
/// white space and comments from `#` to the end of the line; after one more white space the samples, row by row, in the
/// plain formats as numbers, otherwise in one byte, or in two if the largest value is above 255. Values are scaled to 255
/// and rounded.
struct NetpbmFile: PictureFile {
  let header: PictureHeader
  private let bytes: [UInt8]
  private let isPlain: Bool
  private let largest: Int
  /// The place of the first sample, or of white space before it.
  private let start: Int

  init(_ bytes: [UInt8]) throws(FormatError) {
    isPlain = bytes[1] == UInt8(ascii: "2") || bytes[1] == UInt8(ascii: "3")
    let isGrey = bytes[1] == UInt8(ascii: "2") || bytes[1] == UInt8(ascii: "5")
    var numbers = Numbers(in: bytes, from: 2)
    let width = try numbers.next("the width", in: 1...PictureReader.maximumSide)
    let height = try numbers.next("the height", in: 1...PictureReader.maximumSide)
    header = try PictureHeader(width: width, height: height, channels: isGrey ? 1 : 3)
    largest = try numbers.next("the largest value", in: 1...65535)
    start = isPlain ? numbers.position : numbers.position + 1
    self.bytes = bytes
    let count = width * height * header.channels
    let remaining = max(0, bytes.count - start)
    if isPlain {
      // A digit for each sample, and something between them.
      guard remaining >= 2 * count - 1 else { throw header.tooFewBytes(in: .netpbm) }
    } else {
      let due = largest > 255 ? 2 * count : count
      guard remaining >= due else {
        throw FormatError.expected("\(due) bytes of pixels", found: "\(remaining)", offset: min(start, bytes.count))
      }
    }
  }

  func decoded(
    shrunkBy factor: Int, covering region: PictureRegion
  ) throws(FormatError) -> (picture: Picture, covered: PictureRegion) {
    let count = header.width * header.height * header.channels
    let samples = isPlain ? try plain(count) : try binary(count)
    let picture = Picture(width: header.width, height: header.height, channels: header.channels, samples: samples)
    return (picture, header.whole)
  }

  private func plain(_ count: Int) throws(FormatError) -> [UInt8] {
    var numbers = Numbers(in: bytes, from: start)
    var samples: [UInt8] = []
    samples.reserveCapacity(count)
    for _ in 0..<count { samples.append(scaled(try numbers.next("a pixel", in: 0...largest))) }
    return samples
  }

  private func binary(_ count: Int) throws(FormatError) -> [UInt8] {
    if largest == 255 { return Array(bytes[start..<start + count]) }
    let size = largest > 255 ? 2 : 1
    var samples: [UInt8] = []
    samples.reserveCapacity(count)
    for place in stride(from: start, to: start + size * count, by: size) {
      let value = size == 1 ? Int(bytes[place]) : Int(bytes[place]) << 8 | Int(bytes[place + 1])
      guard value <= largest else {
        throw FormatError.expected("a pixel of at most \(largest)", found: "\(value)", offset: place)
      }
      samples.append(scaled(value))
    }
    return samples
  }

  private func scaled(_ value: Int) -> UInt8 { UInt8((value * 255 + largest / 2) / largest) }

  /// Whether a byte is white space: a blank, or tab to carriage return.
  static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
}

/// The decimal numbers of a text, between white space and comments.
private struct Numbers {
  private let bytes: [UInt8]
  private(set) var position: Int

  init(in bytes: [UInt8], from position: Int) { (self.bytes, self.position) = (bytes, position) }

  mutating func next(_ name: String, in range: ClosedRange<Int>) throws(FormatError) -> Int {
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
        offset: start, problem: "expected \(name), a number from \(range.lowerBound) to \(range.upperBound)")
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
      } else if !NetpbmFile.isSpace(byte) {
        return
      }
      position += 1
    }
  }
}
