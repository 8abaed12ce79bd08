import GraftFiles
import GraftMatrices

/// The smallest and the largest byte of some pixels.
///
/// Pixels are 0 to 255. Values that were divided by 255 and became bytes again are all 0 or 1, and scikit-learn's
/// digits end at 16: a network learns from them as from black images, without any error.
struct PixelRange: Sendable, Hashable {
  /// The largest value of images that count as nearly black.
  static let darkest: UInt8 = 16

  let smallest: UInt8
  let largest: UInt8

  /// Nil if there are no pixels.
  init?(_ pixels: [UInt8]) { self.init(PixelRows(pixels, columns: max(pixels.count, 1))) }

  /// Nil if there are no pixels.
  init?(_ pixels: PixelRows) {
    if pixels.count == 0 { return nil }
    var (smallest, largest) = (UInt8.max, UInt8.min)
    pixels.withRows { row in
      for index in 0..<pixels.count {
        for pixel in row(index) { (smallest, largest) = (min(smallest, pixel), max(largest, pixel)) }
      }
    }
    (self.smallest, self.largest) = (smallest, largest)
  }

  var isConstant: Bool { smallest == largest }
  var isNearlyBlack: Bool { largest <= PixelRange.darkest }
}

extension Dataset {
  /// Sentences about suspicious pixels; empty for usual images.
  ///
  /// - Parameter part: A name for these images: "training".
  func pixelRemarks(_ part: String) -> [String] {
    guard count > 0 else { return [] }
    // One bright pixel is enough, and the first image has it.
    let isLit = rows.withRows { row in (0..<count).contains { row($0).contains { $0 > PixelRange.darkest } } }
    if !isLit {
      return [
        "the \(part) images of \(name) are nearly black: pixels must be 0 to 255, and the largest is "
          + "\(PixelRange(rows)?.largest ?? 0)"
      ]
    }
    let constant = labels.indices.count { index in
      let image = image(index)
      return image.allSatisfy { $0 == image.first }
    }
    guard constant > 0 else { return [] }
    return [
      constant == 1
        ? "1 of \(count) \(part) images of \(name) has pixels of one value: there is nothing to see"
        : "\(constant) of \(count) \(part) images of \(name) have pixels of one value each: there is nothing to see"
    ]
  }
}

extension DatasetPair {
  /// Warnings about the pixels, for a person to read before training or measuring.
  var pixelRemarks: [String] { train.pixelRemarks("training") + test.pixelRemarks("test") }
}
