import CGraftPictures
import GraftFiles

/// A PNG file of any colour type and depth, interlaced or not; of an animated one the picture that stands for it.
///
/// libpng decodes it.
struct PNGFile: PictureFile {
  let header: PictureHeader
  private let bytes: [UInt8]

  /// Reads the header and finds out which chunks there are.
  init(_ bytes: [UInt8]) throws(FormatError) {
    var chunks = Chunks(in: bytes)
    let first = try chunks.next()
    guard first.type == "IHDR", first.data.count == 13 else {
      throw FormatError(offset: first.offset, problem: "damaged PNG: it does not begin with a header of 13 bytes")
    }
    // The only checksum that libpng would read too late, after sizes were believed.
    let end = first.data.endIndex
    let checksum = bytes[end..<end + 4].reduce(0) { $0 << 8 | UInt32($1) }
    guard CRC32.checksum(bytes[first.offset + 4..<end]) == checksum else {
      throw FormatError(offset: first.offset, problem: "damaged PNG: the checksum of its header is wrong")
    }
    let fields = try Fields(first.data)
    var (packed, isTransparent, orientation) = (0, false, Orientation?.none)
    var (type, hasData) = (first.type, false)
    while type != "IEND" {
      let (previous, chunk) = (type, try chunks.next())
      type = chunk.type
      switch type {
      case "IDAT":
        guard !hasData || previous == "IDAT" else {
          throw FormatError(
            offset: chunk.offset,
            problem: "damaged PNG: its data are in two places, with a chunk \(quoted(previous)) between")
        }
        hasData = true
        packed += chunk.data.count
      // Behind the pixels it would come too late, and beside opacities it has no meaning.
      case "tRNS": isTransparent = isTransparent || packed == 0 && !fields.color.hasOpacities
      case "eXIf": orientation = orientation ?? Orientation(exif: chunk.data)
      default: break
      }
    }
    header = try PictureHeader(
      width: fields.width, height: fields.height, channels: fields.color.isGrey ? 1 : 3,
      hasAlpha: fields.color.hasOpacities || isTransparent, orientation: orientation ?? .upright)
    self.bytes = bytes
    // Deflate (RFC 1951) makes 258 bytes of two bits at best.
    guard fields.leastBytes <= 1032 * packed else { throw header.tooFewBytes(in: .png) }
  }

  func decoded(
    shrunkBy factor: Int, covering region: PictureRegion
  ) throws(FormatError) -> (picture: Picture, covered: PictureRegion) {
    let (width, height, channels) = (header.width, header.height, header.channels)
    let samples = try [UInt8](
      decoding: width * height * channels, samplesOf: bytes,
      failure: { FormatError(problem: "damaged PNG: \($0)") },
      by: { file, samples, problem in
        pictures_decode_png(
          file, UInt32(width), UInt32(height), UInt32(channels), header.hasAlpha ? 1 : 0, samples, problem)
      })
    return (Picture(width: width, height: height, channels: channels, samples: samples), header.whole)
  }
}

/// The chunks of a PNG file, of which the checksums are not compared.
private struct Chunks {
  private var reader: ByteReader

  init(in bytes: [UInt8]) { reader = ByteReader(bytes[8...]) }

  mutating func next() throws(FormatError) -> (type: String, data: ArraySlice<UInt8>, offset: Int) {
    let offset = reader.offset
    do {
      let length = Int(try reader.readBigEndianUInt32(as: "the length of a chunk"))
      let type = try reader.readBytes(4, as: "the type of a chunk")
      let data = try reader.readBytes(length, as: "a chunk")
      try reader.skip(4, as: "the checksum of a chunk")
      return (String(decoding: type, as: UTF8.self), data, offset)
    } catch {
      throw FormatError(offset: offset, problem: "damaged PNG: the file breaks off")
    }
  }
}

/// The fields of a PNG header.
private struct Fields {
  let width: Int
  let height: Int
  let depth: Int
  let color: Color

  enum Color: UInt8 {
    case grey = 0
    case color = 2
    case palette = 3
    case greyAlpha = 4
    case colorAlpha = 6

    /// Samples of one pixel.
    var samples: Int {
      switch self {
      case .grey, .palette: 1
      case .greyAlpha: 2
      case .color: 3
      case .colorAlpha: 4
      }
    }

    var depths: [Int] {
      switch self {
      case .grey: [1, 2, 4, 8, 16]
      case .palette: [1, 2, 4, 8]
      case .color, .greyAlpha, .colorAlpha: [8, 16]
      }
    }

    var isGrey: Bool { self == .grey || self == .greyAlpha }
    var hasOpacities: Bool { self == .greyAlpha || self == .colorAlpha }
  }

  init(_ data: ArraySlice<UInt8>) throws(FormatError) {
    var reader = ByteReader(data)
    width = Int(try reader.readBigEndianUInt32(as: "the width"))
    height = Int(try reader.readBigEndianUInt32(as: "the height"))
    depth = Int(try reader.readUInt8(as: "the depth"))
    let type = try reader.readUInt8(as: "the colour type")
    let methods = try reader.readBytes(2, as: "the methods")
    let interlacing = try reader.readUInt8(as: "the interlacing")
    let start = data.startIndex
    func unknown(_ field: String, _ expected: String, _ found: some FixedWidthInteger, at place: Int) -> FormatError {
      FormatError(offset: start + place, problem: "damaged PNG: expected \(expected) as \(field), found \(found)")
    }
    guard let color = Color(rawValue: type) else { throw unknown("colour type", "0, 2, 3, 4 or 6", type, at: 9) }
    guard color.depths.contains(depth) else {
      let depths = color.depths.map(String.init).joined(separator: ", ")
      throw unknown("depth of colour type \(type)", "one of \(depths)", depth, at: 8)
    }
    let names = ["compression method", "filter method"]
    for (place, method) in methods.enumerated() where method != 0 {
      throw unknown(names[place], "0", method, at: 10 + place)
    }
    guard interlacing < 2 else { throw unknown("interlacing", "0 or 1", interlacing, at: 12) }
    self.color = color
  }

  /// The unpacked rows, without the numbers of their filters.
  var leastBytes: Int { height * ((width * color.samples * depth + 7) / 8) }
}
