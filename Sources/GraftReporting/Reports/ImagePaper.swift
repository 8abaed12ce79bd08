import GraftFiles

/// White paper for images that are put onto it, to be written as a PNG file.
struct ImagePaper {
  let height: Int
  let width: Int
  let channels: Int
  /// [height × width × channels].
  private var samples: [UInt8]

  init(height: Int, width: Int, channels: Int) {
    (self.height, self.width, self.channels) = (height, width, channels)
    samples = Array(repeating: 255, count: height * width * channels)
  }

  /// Puts the planes of an image onto the paper, each pixel `factor` × `factor` times.
  mutating func put(
    _ planes: [UInt8], of size: (height: Int, width: Int), enlargedBy factor: Int, row: Int, column: Int
  ) {
    for y in 0..<factor * size.height {
      for x in 0..<factor * size.width {
        let place = ((row + y) * width + column + x) * channels
        for channel in 0..<channels {
          samples[place + channel] = planes[(channel * size.height + y / factor) * size.width + x / factor]
        }
      }
    }
  }

  var png: PNGImage {
    channels == 3
      ? PNGImage(width: width, height: height, colors: samples)
      : PNGImage(width: width, height: height, pixels: samples)
  }
}
