import GraftFiles
import GraftMatrices
import GraftPictures

/// An image that a person hands to a model: from an IDX file, the file of a picture (`PictureFormat`), or the bare
/// bytes of one image.
package struct ImageInput: Sendable, Hashable {
  /// The file's name, with an index if the file has several images.
  package let name: String
  /// One byte per pixel, in the model's shape.
  package let pixels: [UInt8]
  /// Whether it was framed as MNIST's images were, and so is bright ink on black.
  package let isFramed: Bool
  /// Reasons not to trust an answer to it, as far as it was examined.
  package let doubts: [ImageDoubt]

  /// An image in the model's shape, one byte per pixel.
  package init(name: String, pixels: [UInt8], isFramed: Bool = false, doubts: [ImageDoubt] = []) {
    self.name = name
    self.pixels = pixels
    self.isFramed = isFramed
    self.doubts = doubts
  }

  /// Reads all images in `bytes`.
  ///
  /// - Parameters:
  ///   - name: For the results and for errors.
  ///   - shape: The shape that the model reads; images of another shape are refused, never stretched.
  ///   - fits: Whether a picture of any size is framed as MNIST's were instead, see `DigitFraming`.
  /// - Throws: `FormatError` for bytes that are no image of this shape; `GraftFailure` if bare pixels or an IDX file
  ///   are to be framed.
  package static func read(
    _ bytes: [UInt8], name: String, shape: ImageShape, fits: Bool = false
  ) throws -> [ImageInput] {
    do {
      // As many bytes as pixels are taken for bare pixels. The long signatures are the exceptions: no image of a figure
      // begins with them.
      let format = PictureFormat.of(bytes)
      if bytes.count != shape.count || format != nil && format != .netpbm, let image = try picture(bytes) {
        if fits, shape.channels == 1 {
          let framed = DigitFraming.framed(image.samples, height: image.height, width: image.width, to: shape)
          return [ImageInput(name: name, pixels: framed.pixels, isFramed: true, doubts: framed.doubts)]
        }
        try check(height: image.height, width: image.width, shape, remedy: .framing)
        return [ImageInput(name: name, pixels: image.samples)]
      }
      if fits {
        throw GraftFailure(
          .usage,
          "\(name): only JPEG, PNG, WebP, PGM and PPM pictures are scaled and centred; "
            + "bare pixels and IDX files are read as they are")
      }
      if bytes.count == shape.count { return [ImageInput(name: name, pixels: bytes)] }
      // Black pixels begin with zeros too, but an IDX file has its type of numbers after them.
      if bytes.starts(with: [0, 0]) && bytes.count > 2 && bytes[2] != 0 || Gzip.isGzip(bytes) {
        return try images(in: bytes, name: name, shape)
      }
      throw FormatError(
        problem: "expected an IDX file, a JPEG, PNG, WebP, PGM or PPM picture or \(shape.count) bytes of pixels, found "
          + (ContentGuess.phrase(for: bytes[...]) ?? "\(bytes.count) bytes of something else"))
    } catch let error as FormatError {
      throw error.at(path: name)
    }
  }

  /// A picture of one image, in greys; nil if the bytes are none.
  private static func picture(_ bytes: [UInt8]) throws(FormatError) -> Picture? {
    guard PictureFormat.of(bytes) != nil else { return nil }
    return try PictureReader(bytes).decoded(as: .grey)
  }

  private static func images(in bytes: [UInt8], name: String, _ shape: ImageShape) throws(FormatError) -> [ImageInput] {
    let file = try IDXFile(decoding: bytes)
    try file.require(.images)
    try check(height: file.dimensions[1], width: file.dimensions[2], shape)
    let count = file.dimensions[0]
    return (0..<count).map { index in
      ImageInput(
        name: count == 1 ? name : "\(name)[\(index)]",
        pixels: Array(file.bytes[index * shape.count..<(index + 1) * shape.count]))
    }
  }

  /// - Parameter remedy: A remedy that helps if the model reads greys.
  private static func check(height: Int, width: Int, _ shape: ImageShape, remedy: Remedy? = nil) throws(FormatError) {
    guard shape.channels == 1, height == shape.height, width == shape.width else {
      var error = FormatError(
        problem: "expected \(shape.height) x \(shape.width) pixels as the model reads, found \(height) x \(width)")
      if shape.channels == 1 { error.remedy = remedy }
      throw error
    }
  }
}
