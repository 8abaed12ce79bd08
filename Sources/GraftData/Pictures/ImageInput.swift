import GraftMatrices

/// An image that a person hands to a model: a picture, one image of a table or an array, or the bare bytes of one image.
package struct ImageInput: Sendable, Hashable {
  /// The file's name, with an index if the file has several images.
  package let name: String
  /// One byte per pixel, in the model's shape: channel, row, column.
  package internal(set) var pixels: [UInt8]
  /// Whether it was framed as MNIST's images were, and so is bright ink on black.
  package let isFramed: Bool
  /// Reasons not to trust an answer to it, as far as it was examined.
  package internal(set) var doubts: [ImageDoubt]
  /// Its place in its file, counted from 0, if that is a table, an array or an IDX file; nil for pictures and bare pixels.
  package let row: Int?

  /// An image in the model's shape, one byte per pixel.
  package init(
    name: String, pixels: [UInt8], isFramed: Bool = false, doubts: [ImageDoubt] = [], row: Int? = nil
  ) {
    self.name = name
    self.pixels = pixels
    self.isFramed = isFramed
    self.doubts = doubts
    self.row = row
  }

  /// Reads all images in `bytes`, see `ImageInputReader`.
  ///
  /// - Parameters:
  ///   - name: For the results and for errors; of a table it ends in `.csv` or `.csv.gz`.
  ///   - shape: The shape that the model reads.
  ///   - fitting: The way of a picture to this shape.
  /// - Throws: `FormatError` for bytes that are no image of this shape; `GraftFailure` if other images than pictures are to
  ///   be framed.
  package static func read(
    _ bytes: [UInt8], name: String, shape: ImageShape, fitting: ImageFitting = .exact
  ) throws -> [ImageInput] {
    var reader = ImageInputReader(shape, fitting)
    return try reader.read(bytes, name: name)
  }
}

extension ImageInput {
  /// The same image with dark and bright exchanged.
  package var inverted: ImageInput {
    var image = self
    for place in image.pixels.indices { image.pixels[place] = 255 - image.pixels[place] }
    return image
  }

  /// The image with the doubts about an answer by a model that learned from images of this background. A framed image
  /// was examined earlier. Colours have no background.
  package func checked(shape: ImageShape, learned background: Background) -> ImageInput {
    guard !isFramed else { return self }
    var image = self
    if let pixels = PixelRange(pixels) {
      if pixels.isConstant {
        image.doubts.append(.constant(pixels.largest))
      } else if pixels.isNearlyBlack {
        image.doubts.append(.nearlyBlack(pixels.largest))
      }
    }
    switch (Background.of(pixels[...], shape: shape), background) {
    case (.bright, .dark): image.doubts.append(.darkInk)
    case (.dark, .bright): image.doubts.append(.brightInk)
    default: break
    }
    return image
  }
}
