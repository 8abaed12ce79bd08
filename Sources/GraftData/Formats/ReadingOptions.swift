import GraftFiles
import GraftMatrices
import GraftPictures

/// Height and width in pixels.
package struct ImageSize: Sendable, Hashable, CustomStringConvertible {
  package let height: Int
  package let width: Int

  package init(height: Int, width: Int) {
    precondition(height > 0 && width > 0)
    (self.height, self.width) = (height, width)
  }

  /// Reads `32` or `24x32` (height × width); nil if the text is neither, or if a side is longer than 1024.
  package init?(parsing text: String) {
    let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard (1...2).contains(sides.count), sides.allSatisfy((1...1024).contains) else { return nil }
    self.init(height: sides[0], width: sides[sides.count - 1])
  }

  /// `24x32`.
  package var description: String { "\(height)x\(width)" }
}

/// The wishes of a person about data that can be read in several ways: pictures of any size, arrays under any names.
package struct ReadingOptions: Sendable, Hashable {
  /// The size of the images; nil keeps a size that all have.
  package var size: ImageSize?
  /// The way in which a picture of other proportions is brought to the size; nil crops.
  package var fit: PictureFit.Mode?
  /// The filter with which pictures are resampled; nil is bilinear.
  package var filter: ResamplingFilter?
  /// The style in which a model's pictures were fitted, unless the person names another.
  package var preferredStyle: PictureStyle?
  /// The colours of the images; nil keeps greys if all are grey, and reads colours otherwise.
  package var colors: ColorMode?
  /// The shape that a model reads: the size and the colours of pictures, unless the person names others.
  package var preferredShape: ImageShape?
  /// The share of the images that are set aside for testing if the data has no test part, 0 to 1; nil stands for 0.2.
  package var testFraction: Double?
  /// Seed of the draw of these test images.
  package var seed: UInt64 = 0
  /// Whether pictures that cannot be read are left out and listed, instead of refused.
  package var skipsBad = false
  /// The roles of the arrays of an NPZ file by their names; nil knows the usual names.
  package var keys: ArrayKeys?
  /// Cores that decode; no result depends on it.
  package var threads = 1
  /// A folder for decoded pictures, so that a second start need not decode them; nil keeps none.
  package var cacheFolder: String?
  /// The most bytes of images that are read into memory; more lie in a file of the cache folder.
  package var mostInMemory = ReadingOptions.usualMostInMemory

  package init() {}

  /// The most bytes of one part of such images that are copied into memory all the same.
  var mostCopied: Int { min(mostInMemory, PixelRows.mostCopied) }

  /// The style of pictures: as the person says, else as the model's were, else the usual one.
  var style: PictureStyle {
    let preferred = preferredStyle ?? PictureStyle()
    return PictureStyle(fit ?? preferred.mode, filter ?? preferred.filter)
  }

  /// A fifth of the memory: reading holds up to three copies for a moment, and a training needs room too.
  package static let usualMostInMemory = MachineMemory.bytes / 5

  /// The share of images for testing if the data has no test part and nobody says how many.
  package static let usualTestFraction = 0.2
}
