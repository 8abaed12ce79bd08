import GraftFiles
import GraftMatrices
import GraftPictures

/// A reader of the images that a person hands to a model: pictures (`PictureFormat`), the tables and arrays of
/// `ImageTable`, and the bare bytes of one image.
///
/// It keeps the memory for fitting pictures from one to the next. Each thread needs a reader of its own.
package struct ImageInputReader: Sendable {
  private let shape: ImageShape
  private let fitting: ImageFitting
  /// The worker that fits pictures; nil if they are not fitted.
  private var resampler: Resampler?

  /// - Parameters:
  ///   - shape: The shape that the model reads. Pictures of another size are treated as `fitting` tells; all other images
  ///     of another shape are refused, never stretched.
  package init(_ shape: ImageShape, _ fitting: ImageFitting) {
    self.shape = shape
    self.fitting = fitting
    if case .fitted(let style) = fitting {
      resampler = Resampler(.usual(height: shape.height, width: shape.width, style))
    }
  }

  /// Reads all images in `bytes`.
  ///
  /// - Parameter name: For the results and for errors; of a table it ends in `.csv` or `.csv.gz`.
  /// - Throws: `FormatError` for bytes that are no image of the model's shape; `GraftFailure` if other images than pictures
  ///   are to be framed.
  package mutating func read(_ bytes: [UInt8], name: String) throws -> [ImageInput] {
    do {
      // A file that is called a picture is one or is refused, whatever its size.
      if PictureFormat.of(bytes) != nil || PictureName(name) != .other {
        return [try readPicture(bytes, name: name)]
      }
      let kind = ImageTable(bytes, name: name)
      let guess = ContentGuess.phraseBesidePixels(for: bytes) ?? (ImageInputReader.isText(bytes) ? "text" : nil)
      let isBare = bytes.count == shape.count && guess == nil && (kind == nil || kind == .idx && !isIDX(bytes))
      guard fitting != .framed else {
        throw GraftFailure(
          .usage,
          "\(name): only JPEG, PNG, WebP, PGM and PPM pictures are scaled and centred; "
            + "bare pixels, IDX files, tables and arrays are read as they are")
      }
      if isBare { return [ImageInput(name: name, pixels: bytes)] }
      guard let kind else {
        throw FormatError(
          problem: "expected a JPEG, PNG, WebP, PGM or PPM picture, an IDX, CSV, NPY or NPZ file or "
            + "\(shape.count) bytes of pixels, found "
            + (guess ?? ContentGuess.phrase(for: bytes) ?? "\(bytes.count) bytes of something else"))
      }
      let images = try kind.images(bytes, shape: shape)
      return images.enumerated().map { index, pixels in
        ImageInput(name: images.count == 1 ? name : "\(name)[\(index)]", pixels: pixels, row: index)
      }
    } catch let error as FormatError {
      throw error.at(path: name)
    }
  }

  /// Whether all bytes are those of text in ASCII, as a log or a list of numbers has them.
  private static func isText(_ bytes: [UInt8]) -> Bool {
    !bytes.isEmpty && bytes.allSatisfy { (0x20..<0x7f).contains($0) || (0x09...0x0d).contains($0) }
  }

  /// Whether bytes that begin as an IDX file are one: black pixels begin with zeros too.
  private func isIDX(_ bytes: [UInt8]) -> Bool {
    do throws(FormatError) { _ = try IDXFile(decoding: bytes) } catch { return false }
    return true
  }

  // MARK: Pictures

  /// Reads a picture.
  ///
  /// - Throws: `FormatError` for bytes that are no picture that the model can read.
  package mutating func readPicture(_ bytes: [UInt8], name: String) throws -> ImageInput {
    do {
      return try picture(bytes, name)
    } catch let error as FormatError {
      throw error.at(path: name)
    }
  }

  private mutating func picture(_ bytes: [UInt8], _ name: String) throws -> ImageInput {
    if fitting == .framed { return try framed(bytes, name) }
    guard let colors = [1: ColorMode.grey, 3: .rgb][shape.channels] else {
      throw FormatError(problem: "the model reads images of \(shape.channels) channels, and pictures have 1 or 3")
    }
    guard var resampler else {
      let image = try PictureReader(bytes).decoded(as: colors)
      guard image.height == shape.height, image.width == shape.width else {
        var error = FormatError(
          problem: "expected \(shape.height) x \(shape.width) pixels as the model reads, found \(image.height) x "
            + "\(image.width)")
        // Only greys are framed.
        if shape.channels == 1 { error.remedy = .framing }
        throw error
      }
      let plane = shape.height * shape.width
      return ImageInput(
        name: name, pixels: (0..<shape.count).map { image.samples[$0 % plane * shape.channels + $0 / plane] })
    }
    // So that the worker's memory is not shared, and not copied, while it works.
    self.resampler = nil
    defer { self.resampler = resampler }
    var pixels = [UInt8](repeating: 0, count: shape.count)
    var output = pixels.mutableSpan
    try resampler.write(file: bytes, as: colors, planarInto: &output, at: 0)
    return ImageInput(name: name, pixels: pixels)
  }

  private func framed(_ bytes: [UInt8], _ name: String) throws -> ImageInput {
    guard shape.channels == 1 else {
      throw GraftFailure(.usage, "\(name): a model of images in \(shape.channels) channels reads no framed digits")
    }
    let image = try PictureReader(bytes).decoded(as: .grey)
    let framed = DigitFraming.framed(image.samples, height: image.height, width: image.width, to: shape)
    return ImageInput(name: name, pixels: framed.pixels, isFramed: true, doubts: framed.doubts)
  }
}
