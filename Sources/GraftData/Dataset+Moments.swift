import GraftMatrices

extension Dataset {
  /// The mean and the standard deviation of each channel, of pixels scaled to [0, 1].
  ///
  /// - Complexity: O(pixels).
  package var channelMoments: [(mean: Double, deviation: Double)] {
    let plane = shape.height * shape.width
    var counts = [Int](repeating: 0, count: shape.channels * 256)
    counts.withUnsafeMutableBufferPointer { counts in
      rows.withRows { row in
        for index in 0..<count {
          let image = row(index)
          for channel in 0..<shape.channels {
            for place in channel * plane..<(channel + 1) * plane { counts[channel << 8 | Int(image[place])] += 1 }
          }
        }
      }
    }
    return (0..<shape.channels).map { channel in
      let own = counts[channel << 8..<(channel + 1) << 8]
      let total = Double(max(own.reduce(0, +), 1))
      let sum = own.enumerated().reduce(0) { $0 + $1.offset * $1.element }
      let squares = own.enumerated().reduce(0) { $0 + $1.offset * $1.offset * $1.element }
      let mean = Double(sum) / total
      return (mean / 255, max(Double(squares) / total - mean * mean, 0).squareRoot() / 255)
    }
  }
}
