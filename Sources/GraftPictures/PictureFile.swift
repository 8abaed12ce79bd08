import CGraftPictures
import GraftFiles

/// A file of one picture, of which the header was read. Sizes and regions are those of the picture as it is stored.
protocol PictureFile: Sendable {
  var header: PictureHeader { get }

  /// The stored size after shrinking; formats that are not shrunken have their own.
  func size(shrunkBy factor: Int) -> (width: Int, height: Int)

  /// Reads the pixels of `region` and perhaps others.
  func decoded(
    shrunkBy factor: Int, covering region: PictureRegion
  ) throws(FormatError) -> (picture: Picture, covered: PictureRegion)
}

/// The properties of a picture that its file tells before its pixels.
struct PictureHeader: Sendable {
  let width: Int
  let height: Int
  /// 1 for greys, 3 for all others.
  let channels: Int
  var hasAlpha = false
  var orientation = Orientation.upright

  /// - Throws: If a picture of this size is not read.
  init(
    width: Int, height: Int, channels: Int, hasAlpha: Bool = false, orientation: Orientation = .upright
  ) throws(FormatError) {
    guard width > 0, height > 0 else {
      throw .expected("a width and a height of 1 pixel or more", found: "\(width) x \(height)")
    }
    let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
    guard !overflow, pixels <= PictureReader.maximumPixels, max(width, height) <= PictureReader.maximumSide else {
      throw FormatError(problem: "an image of \(width) x \(height) pixels is larger than the limit")
    }
    (self.width, self.height, self.channels) = (width, height, channels)
    (self.hasAlpha, self.orientation) = (hasAlpha, orientation)
  }

  var whole: PictureRegion { PictureRegion(columns: 0..<width, rows: 0..<height) }

  /// An error about a file whose bytes cannot hold the pixels that its header claims.
  func tooFewBytes(in format: PictureFormat) -> FormatError {
    FormatError(problem: "damaged \(format.name): its bytes cannot hold the \(width) x \(height) pixels that it claims")
  }
}

extension PictureFile {
  func size(shrunkBy factor: Int) -> (width: Int, height: Int) { (header.width, header.height) }
}

extension Array where Element == UInt8 {
  /// Samples that a decoder in C writes.
  ///
  /// - Parameters:
  ///   - count: The number of samples.
  ///   - room: The number of samples that the decoder needs place for; nil for `count`.
  ///   - bytes: The file.
  ///   - failure: The error for a problem in the decoder's words.
  ///   - decode: The decoder's call, with the file, the samples and the text of a problem; it returns 1 if it succeeded.
  init(
    decoding count: Int, room: Int? = nil, samplesOf bytes: [UInt8], failure: (String) -> FormatError,
    by decode: (pictures_file, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<CChar>?) -> Int32
  ) throws(FormatError) {
    var problem: String?
    self.init(unsafeUninitializedCapacity: room ?? count) { samples, filled in
      bytes.withUnsafeBufferPointer { bytes in
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PICTURES_PROBLEM_SIZE)) { text in
          text.initialize(repeating: 0)
          let file = pictures_file(bytes: bytes.baseAddress, count: bytes.count)
          if decode(file, samples.baseAddress, text.baseAddress) == 1 {
            filled = count
          } else {
            problem = String(decoding: text.lazy.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
          }
        }
      }
    }
    if let problem { throw failure(problem) }
  }
}
