import GraftMatrices
import GraftPictures

/// A worker that brings images to the size in which they are shown: greys, or colours if there are three channels. Of any
/// other number of channels the first is shown.
struct ImageScaler {
  let height: Int
  let width: Int
  let channels: Int
  private let shape: ImageShape
  private var resampler: Resampler

  init(from shape: ImageShape, height: Int, width: Int) {
    (self.shape, self.height, self.width) = (shape, height, width)
    channels = shape.channels == 3 ? 3 : 1
    resampler = Resampler(PictureFit(height: height, width: width, mode: .squash))
  }

  /// [channels × height × width].
  mutating func planes(of pixels: [UInt8]) -> [UInt8] {
    let plane = shape.height * shape.width
    if (height, width) == (shape.height, shape.width) { return Array(pixels.prefix(channels * plane)) }
    let samples = (0..<channels * plane).map { pixels[$0 % channels * plane + $0 / channels] }
    let picture = Picture(width: shape.width, height: shape.height, channels: channels, samples: samples)
    var planes = [UInt8](repeating: 0, count: channels * height * width)
    var output = planes.mutableSpan
    resampler.write(picture, planarInto: &output, at: 0)
    return planes
  }
}
