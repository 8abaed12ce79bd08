import GraftFiles
import Synchronization

/// A rectangle of pixels.
package struct PictureRegion: Sendable, Hashable {
  /// From the left.
  package var columns: Range<Int>
  /// From the top.
  package var rows: Range<Int>

  package init(columns: Range<Int>, rows: Range<Int>) { (self.columns, self.rows) = (columns, rows) }
}

/// A reader of one picture in a file's bytes, of which it has read the header.
///
/// Pictures come out upright, as the EXIF orientation tells (EXIF 2.32, tag 0x0112). Colours are the file's numbers: colour
/// profiles and gammas are not applied. Pixels with opacity are laid on white paper: round((c a + 255 (255 - a)) / 255) for
/// a channel c and its opacity a. Of 16-bit samples the upper eight bits count.
///
/// A picture has at most 64 megapixels (64 x 2^20, which the largest telephones' photographs keep to) and sides of at most a
/// million. Pictures of more than half of them are decoded one after the other, so that the memory for them stays bounded. A file that claims more pixels than its bytes
/// can hold is refused before memory is set aside for them: deflate makes at most 1032 bytes of one, Huffman's code of a
/// JPEG file needs a bit for each block of 8 × 8, Netpbm a byte for each sample. WebP and JPEG with arithmetic code have no
/// such bound (few bytes make a large picture of one colour), and their rows take memory only as they arrive.
package struct PictureReader: Sendable {
  /// The format of the file.
  package let format: PictureFormat
  /// Width in pixels, upright.
  package let width: Int
  /// Height in pixels, upright.
  package let height: Int
  /// The channels in the file, opacity apart: 1 for greys, 3 for all others.
  package var channels: Int { file.header.channels }
  /// Whether the file has opacities: a PNG's channel or transparent colours, or a WebP's.
  package var hasAlpha: Bool { file.header.hasAlpha }

  private let file: any PictureFile
  private let orientation: Orientation

  /// The most pixels that are read.
  package static let maximumPixels = 64 << 20
  /// The longest side that is read.
  package static let maximumSide = 1_000_000

  /// Reads the header of a file.
  ///
  /// - Throws: If the bytes are no picture, or if their header is damaged or claims too many pixels.
  package init(_ bytes: [UInt8]) throws(FormatError) {
    guard let format = PictureFormat.of(bytes) else { throw PictureReader.unknown(bytes) }
    self.format = format
    switch format {
    case .jpeg: file = try JPEGFile(bytes)
    case .png: file = try PNGFile(bytes)
    case .webp: file = try WebPFile(bytes)
    case .netpbm: file = try NetpbmFile(bytes)
    }
    orientation = file.header.orientation
    (width, height) = orientation.turned(width: file.header.width, height: file.header.height)
  }

  /// The size of the picture that `decoded(shrunkBy:)` returns.
  package func size(shrunkBy factor: Int) -> (width: Int, height: Int) {
    let stored = file.size(shrunkBy: factor)
    return orientation.turned(width: stored.width, height: stored.height)
  }

  /// Reads the whole picture.
  ///
  /// - Parameters:
  ///   - colors: Greys are the luma of the decoded colours, as `Picture.converted(to:)` tells; nil keeps greys as greys and
  ///     all others as colours.
  ///   - factor: 1, 2, 4 or 8. A JPEG picture comes out with sides divided by it and rounded up, in less time; the other
  ///     formats ignore it.
  /// - Throws: If the file is damaged or breaks off.
  package func decoded(as colors: ColorMode? = nil, shrunkBy factor: Int = 1) throws(FormatError) -> Picture {
    let size = size(shrunkBy: factor)
    let whole = PictureRegion(columns: 0..<size.width, rows: 0..<size.height)
    return try decoded(as: colors, shrunkBy: factor, covering: whole).picture
  }

  /// Reads at least a part of the picture: of a JPEG file just the part, in less time, and of others all of it. Its pixels are
  /// the same bits as those of the whole picture.
  ///
  /// A file that breaks off is refused, even if what it lacks lies outside of the region. Other damage outside of it may go
  /// unseen.
  ///
  /// - Parameter region: Pixels of the upright picture after it was shrunken.
  /// - Returns: The pixels that were read, and the place of the first among those of the whole picture.
  package func decoded(
    as colors: ColorMode? = nil, shrunkBy factor: Int = 1, covering region: PictureRegion
  ) throws(FormatError) -> (picture: Picture, x: Int, y: Int) {
    precondition([1, 2, 4, 8].contains(factor), "pictures are shrunken by 1, 2, 4 or 8")
    let size = size(shrunkBy: factor)
    precondition(
      !region.columns.isEmpty && !region.rows.isEmpty && region.columns.lowerBound >= 0 && region.rows.lowerBound >= 0
        && region.columns.upperBound <= size.width && region.rows.upperBound <= size.height,
      "a region outside of the picture")
    let wanted = orientation.stored(region, width: size.width, height: size.height)
    let (stored, covered) = try pixels(shrunkBy: factor, covering: wanted)
    let storedSize = file.size(shrunkBy: factor)
    let place = orientation.upright(covered, width: storedSize.width, height: storedSize.height)
    let picture = orientation.upright(stored)
    return (
      colors.map(picture.converted) ?? picture, place.columns.lowerBound, place.rows.lowerBound
    )
  }

  /// The lock of the pictures that are decoded one at a time.
  private static let largeDecoding = Mutex(())

  private func pixels(
    shrunkBy factor: Int, covering region: PictureRegion
  ) throws(FormatError) -> (picture: Picture, covered: PictureRegion) {
    guard width * height > PictureReader.maximumPixels / 2 else {
      return try file.decoded(shrunkBy: factor, covering: region)
    }
    return try PictureReader.largeDecoding.withLock { _ throws(FormatError) in
      try file.decoded(shrunkBy: factor, covering: region)
    }
  }

  /// Refuses a file by its first bytes if it is no picture, before the others are read.
  package static func check(beginning bytes: [UInt8]) throws(FormatError) {
    guard PictureFormat.of(bytes) != nil else { throw unknown(bytes) }
  }

  /// The largest file of a picture that is read, in bytes.
  package static let largestFile = 128 << 20

  private static func unknown(_ bytes: [UInt8]) -> FormatError {
    // A transfer as text changes the line ends that the signature has for this purpose.
    if bytes.starts(with: [0x89, 0x50, 0x4e, 0x47]) {
      let isText = bytes.dropFirst(4).first.map { $0 == 0x0d || $0 == 0x0a } ?? false
      return .expected(
        "a PNG image",
        found: isText ? "a PNG whose line ends were changed in a transfer" : "one whose signature is damaged", offset: 0
      )
    }
    var found = ContentGuess.phrase(for: bytes) ?? "something else"
    if Gzip.isGzip(bytes), let inside = try? Gzip.decompressPrefix(bytes, count: 512).bytes,
      let phrase = ContentGuess.phrase(for: inside)
    {
      found += " with \(phrase) inside"
    }
    return .expected("a JPEG, PNG, WebP, PGM or PPM picture", found: found, offset: 0)
  }
}
