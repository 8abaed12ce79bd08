import CGraftJPEG
import GraftFiles

/// A picture in the JPEG format (ITU-T T.81), read as greys by the system's libjpeg-turbo.
package struct JPEGImage: Sendable, Hashable {
  /// Width in pixels, upright.
  package let width: Int
  /// Height in pixels, upright.
  package let height: Int
  /// The pixels row by row, from 0, black, to 255, white.
  package let pixels: [UInt8]

  /// The most pixels that are read; larger pictures are refused before any memory is set aside.
  static let maximumPixels = 100_000_000

  /// Whether bytes begin as a JPEG file does: with the start of an image and another marker.
  package static func isJPEG(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0xff, 0xd8, 0xff]) }

  /// Reads a picture as greys, upright as its EXIF orientation tells: colours by their luma (ITU-R BT.601).
  ///
  /// Baseline and progressive files are read, in greys, colours and CMYK.
  ///
  /// - Throws: If the file is damaged, breaks off, or is of a kind that the library does not read.
  package init(decoding bytes: [UInt8]) throws(FormatError) {
    guard JPEGImage.isJPEG(bytes) else {
      let found = ContentGuess.phrase(for: bytes[...]) ?? "something else"
      throw FormatError.expected("a JPEG image", found: found, offset: 0)
    }
    let decoder = try Decoder()
    let header = try decoder.header(of: bytes)
    let (count, overflow) = header.width.multipliedReportingOverflow(by: header.height)
    guard !overflow, count <= JPEGImage.maximumPixels else {
      throw FormatError(problem: "an image of \(header.width) x \(header.height) pixels is larger than the limit")
    }
    let greys = try decoder.greys(of: bytes, header)
    let orientation = Orientation(exifIn: bytes)
    pixels = orientation.upright(greys, width: header.width, height: header.height)
    (width, height) =
      orientation.swapsSides ? (header.height, header.width) : (header.width, header.height)
  }
}

private struct Header {
  let width: Int
  let height: Int
  /// The samples of each pixel.
  let kind: Kind

  enum Kind: Int {
    case grey = 1
    case colors = 3
    case inks = 4

    var format: TJPF {
      switch self {
      case .grey: TJPF_GRAY
      case .colors: TJPF_RGB
      case .inks: TJPF_CMYK
      }
    }
  }
}

/// The library's decoder, freed with its last reference.
private final class Decoder {
  private let handle: tjhandle

  init() throws(FormatError) {
    guard let handle = tjInitDecompress() else {
      throw FormatError(problem: "libjpeg-turbo cannot start: memory is short")
    }
    self.handle = handle
  }

  deinit { tjDestroy(handle) }

  func header(of bytes: [UInt8]) throws(FormatError) -> Header {
    var (width, height, subsampling, space) = (Int32(0), Int32(0), Int32(0), Int32(0))
    guard
      tjDecompressHeader3(handle, bytes, UInt(bytes.count), &width, &height, &subsampling, &space) == 0,
      width > 0, height > 0
    else { throw failure }
    let kind: Header.Kind =
      switch TJCS(rawValue: numericCast(space)) {
      case TJCS_GRAY: .grey
      case TJCS_CMYK, TJCS_YCCK: .inks
      default: .colors
      }
    return Header(width: Int(width), height: Int(height), kind: kind)
  }

  func greys(of bytes: [UInt8], _ header: Header) throws(FormatError) -> [UInt8] {
    // Red, green and blue, although the library could give the luma that the file holds: that one differs by up to 40 of
    // 255 from the luma of the colours that are seen, if these were clipped, and so from the same picture as PNG.
    var samples = [UInt8](repeating: 0, count: header.width * header.height * header.kind.rawValue)
    // A warning is a failure too: the library fills with grey what it misses. It stops beyond 500 scans, because a file
    // of many empty ones would keep it busy for hours.
    let code = tjDecompress2(
      handle, bytes, UInt(bytes.count), &samples, Int32(header.width), 0, Int32(header.height),
      Int32(header.kind.format.rawValue), TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS)
    guard code == 0 else { throw failure }
    return switch header.kind {
    case .grey: samples
    case .colors: Decoder.greys(colors: samples)
    case .inks: Decoder.greys(inks: samples)
    }
  }

  /// The library's last complaint.
  private var failure: FormatError {
    let text = String(cString: tjGetErrorStr2(handle))
    let isWarning = tjGetErrorCode(handle) == Int32(TJERR_WARNING.rawValue)
    // The name of the C function says nothing to a reader.
    let start = text.firstRange(of: "(): ")?.upperBound
    let words = start.map { String(text[$0...]) } ?? text
    return FormatError(problem: isWarning ? "damaged JPEG: \(words)" : "JPEG that cannot be read: \(words)")
  }

  private static func greys(colors: [UInt8]) -> [UInt8] {
    (0..<colors.count / 3).map { pixel in
      luma(Int(colors[3 * pixel]), Int(colors[3 * pixel + 1]), Int(colors[3 * pixel + 2]))
    }
  }

  /// The greys of inks, which files hold as Adobe's programs write them: 255 is no ink.
  private static func greys(inks: [UInt8]) -> [UInt8] {
    (0..<inks.count / 4).map { pixel in
      let black = Int(inks[4 * pixel + 3])
      func light(_ channel: Int) -> Int { (Int(inks[4 * pixel + channel]) * black + 127) / 255 }
      return luma(light(0), light(1), light(2))
    }
  }

  private static func luma(_ red: Int, _ green: Int, _ blue: Int) -> UInt8 {
    UInt8((299 * red + 587 * green + 114 * blue + 500) / 1000)
  }
}
