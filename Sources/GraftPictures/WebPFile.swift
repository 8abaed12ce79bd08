import CGraftPictures
import GraftFiles

/// A WebP file (RFC 9649), with loss or without, still.
///
/// libwebp decodes it.
struct WebPFile: PictureFile {
  let header: PictureHeader
  private let bytes: [UInt8]
  private let found: pictures_webp_header

  init(_ bytes: [UInt8]) throws(FormatError) {
    var found = pictures_webp_header()
    // No samples: the header alone.
    _ = try [UInt8](
      decoding: 0, samplesOf: bytes, failure: WebPFile.damage,
      by: { file, _, problem in pictures_read_webp_header(file, &found, problem) })
    guard found.is_animated == 0 else {
      throw FormatError(problem: "an animated WebP picture: only still ones are read")
    }
    header = try PictureHeader(
      width: Int(found.width), height: Int(found.height), channels: 3, hasAlpha: found.has_alpha != 0,
      orientation: WebPFile.orientation(in: bytes) ?? .upright)
    (self.bytes, self.found) = (bytes, found)
  }

  func decoded(
    shrunkBy factor: Int, covering region: PictureRegion
  ) throws(FormatError) -> (picture: Picture, covered: PictureRegion) {
    var found = found
    let pixels = header.width * header.height
    let samples = try [UInt8](
      decoding: 3 * pixels, room: (header.hasAlpha ? 4 : 3) * pixels, samplesOf: bytes, failure: WebPFile.damage,
      by: { file, samples, problem in pictures_decode_webp(file, &found, samples, problem) })
    return (Picture(width: header.width, height: header.height, channels: 3, samples: samples), header.whole)
  }

  private static func damage(_ problem: String) -> FormatError { FormatError(problem: "damaged WebP: \(problem)") }

  /// The orientation of the first EXIF chunk.
  private static func orientation(in bytes: [UInt8]) -> Orientation? {
    var reader = ByteReader(bytes[12...])
    while let name = try? reader.readBytes(4, as: "a chunk"),
      let length = try? reader.readLittleEndianUInt32(as: "a length"),
      let data = try? reader.readBytes(Int(length), as: "a chunk")
    {
      if name.elementsEqual("EXIF".utf8) { return Orientation(exif: data) }
      // A chunk of an odd length is followed by one more byte.
      if length % 2 == 1 { try? reader.skip(1, as: "padding") }
    }
    return nil
  }
}
