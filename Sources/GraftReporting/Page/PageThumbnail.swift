import GraftFiles
import GraftMatrices
import GraftPictures

/// A picture of an image or of weights as a page shows it: in colour if there are three channels, and small.
struct PageThumbnail {
  /// [channels × height × width].
  let planes: [UInt8]
  let shape: ImageShape

  /// The most pixels along a side; a larger image is scaled down.
  static let longestSide = 64

  /// Whether images of a shape are shown in red, green and blue. Of any other number of channels the first is shown, as greys.
  static func hasColors(_ shape: ImageShape) -> Bool { shape.channels == 3 }

  /// The rows and columns of the picture of an image, in the proportions of the image.
  static func size(of shape: ImageShape) -> (height: Int, width: Int) {
    let longest = max(shape.height, shape.width)
    if longest <= longestSide { return (shape.height, shape.width) }
    func side(_ side: Int) -> Int { max(1, (side * longestSide + longest / 2) / longest) }
    return (side(shape.height), side(shape.width))
  }

  /// The bytes of a picture before they are compressed.
  static func byteCount(of shape: ImageShape) -> Int {
    let size = size(of: shape)
    return size.height * size.width * (hasColors(shape) ? 3 : 1)
  }

  var png: PNGImage {
    let hasColors = Self.hasColors(shape)
    var samples = hasColors ? interleaved : Array(planes.prefix(shape.height * shape.width))
    let size = Self.size(of: shape)
    if size != (shape.height, shape.width) {
      let picture = Picture(
        width: shape.width, height: shape.height, channels: hasColors ? 3 : 1, samples: samples)
      samples = PictureFit(height: size.height, width: size.width, mode: .squash).apply(to: picture).samples
    }
    return hasColors
      ? PNGImage(width: size.width, height: size.height, colors: samples)
      : PNGImage(width: size.width, height: size.height, pixels: samples)
  }

  /// [height × width × 3].
  private var interleaved: [UInt8] {
    let plane = shape.height * shape.width
    var samples = [UInt8](repeating: 0, count: 3 * plane)
    for channel in 0..<3 {
      for pixel in 0..<plane { samples[3 * pixel + channel] = planes[channel * plane + pixel] }
    }
    return samples
  }
}
