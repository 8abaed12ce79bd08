import CGraftPictures
import GraftFiles

/// A JPEG file (ITU-T T.81): baseline or progressive, with Huffman's or arithmetic code, of greys, colours or inks (CMYK).
///
/// libjpeg-turbo decodes it, with its accurate transform and smooth upsampling, so that the pixels are those of most other
/// programs bit for bit. Its own luma is never asked for: if colours were clipped, it differs by up to 40 of 255 from the
/// luma of the colours that are seen, and so from the same picture as PNG.
struct JPEGFile: PictureFile {
  let header: PictureHeader
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) throws(FormatError) {
    let frame = try Frame(in: bytes)
    header = frame.header
    self.bytes = bytes
    guard frame.leastBits <= 8 * bytes.count else { throw header.tooFewBytes(in: .jpeg) }
  }

  func size(shrunkBy factor: Int) -> (width: Int, height: Int) {
    ((header.width + factor - 1) / factor, (header.height + factor - 1) / factor)
  }

  func decoded(
    shrunkBy factor: Int, covering region: PictureRegion
  ) throws(FormatError) -> (picture: Picture, covered: PictureRegion) {
    let (columns, rows, channels) = (region.columns, region.rows, header.channels)
    var request = pictures_jpeg_request(
      width: UInt32(header.width), height: UInt32(header.height), shrunk_by: UInt32(factor),
      first_column: UInt32(columns.lowerBound), columns: UInt32(columns.count), first_row: UInt32(rows.lowerBound),
      rows: UInt32(rows.count), channels: UInt32(channels))
    var isDamaged: Int32 = 0
    let samples = try [UInt8](
      decoding: columns.count * rows.count * channels, samplesOf: bytes,
      failure: { FormatError(problem: "\(isDamaged == 0 ? "JPEG that cannot be read" : "damaged JPEG"): \($0)") },
      by: { file, samples, problem in pictures_decode_jpeg(file, &request, samples, &isDamaged, problem) })
    let picture = Picture(width: columns.count, height: rows.count, channels: channels, samples: samples)
    return (picture, region)
  }
}

/// The segments of a JPEG file before its first scan, as far as they tell of its picture.
private struct Frame {
  let header: PictureHeader
  /// The fewest bits that the pixels can take.
  let leastBits: Int

  init(in bytes: [UInt8]) throws(FormatError) {
    var reader = ByteReader(bytes)
    try reader.skip(2, as: "the start of the image")
    var frame: (marker: UInt8, segment: ArraySlice<UInt8>)?
    var orientation: Orientation?
    while true {
      let marker = try Frame.nextMarker(&reader)
      // Markers without a segment, which mean nothing here.
      if (0xd0...0xd8).contains(marker) || marker == 0x01 { continue }
      // The first scan, or the end of the image.
      if marker == 0xda || marker == 0xd9 { break }
      let offset = reader.offset
      let length = Int(try reader.readBigEndianUInt16(as: "the length of a segment"))
      // The length counts its own two bytes.
      guard length >= 2 else {
        throw .expected("the length of a segment, at least 2", found: "\(length)", offset: offset)
      }
      let segment = try reader.readBytes(length - 2, as: "a segment")
      switch marker {
      // Start of a frame. Three markers between them are others: tables of codes and conditions, and an extension.
      case 0xc0...0xcf where ![0xc4, 0xc8, 0xcc].contains(marker): if frame == nil { frame = (marker, segment) }
      case 0xe1 where orientation == nil && segment.starts(with: Orientation.exifName):
        orientation = Orientation(exif: segment)
      default: break
      }
    }
    guard let frame else { throw FormatError(problem: "damaged JPEG: its size is missing") }
    var size = ByteReader(frame.segment)
    try size.skip(1, as: "the precision")
    let height = Int(try size.readBigEndianUInt16(as: "the height"))
    let width = Int(try size.readBigEndianUInt16(as: "the width"))
    let count = Int(try size.readUInt8(as: "the number of components"))
    guard [1, 3, 4].contains(count) else {
      throw FormatError(problem: "JPEG that cannot be read: it has \(count) components, neither 1, 3 nor 4")
    }
    header = try PictureHeader(
      width: width, height: height, channels: count == 1 ? 1 : 3, orientation: orientation ?? .upright)

    // Each block of 8 x 8 takes a bit or more in one of the scans. Components may have fewer blocks than pixels demand.
    var (blocks, widest, highest) = (0, 1, 1)
    for _ in 0..<count {
      try size.skip(1, as: "a component")
      let factors = Int(try size.readUInt8(as: "the sampling of a component"))
      try size.skip(1, as: "the table of a component")
      blocks += (factors >> 4) * (factors & 15)
      (widest, highest) = (max(widest, factors >> 4), max(highest, factors & 15))
    }
    let isArithmetic = frame.marker > 0xc8
    leastBits = isArithmetic ? 0 : blocks * (width / (8 * widest)) * (height / (8 * highest))
  }

  /// The code of the next marker; bytes before it that belong to nothing are skipped, as libjpeg does.
  private static func nextMarker(_ reader: inout ByteReader) throws(FormatError) -> UInt8 {
    while true {
      while try reader.readUInt8(as: "a marker") != 0xff {}
      var code = try reader.readUInt8(as: "a marker")
      while code == 0xff { code = try reader.readUInt8(as: "a marker") }
      if code != 0 { return code }
    }
  }
}
