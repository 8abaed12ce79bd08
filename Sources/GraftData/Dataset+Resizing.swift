import GraftFiles
import GraftMatrices

extension Dataset {
  /// The same images with another height and width.
  ///
  /// A triangle filter at half-pixel centres, as wide as the coarser of the two grids: the mean of an area if an image
  /// shrinks, bilinear interpolation if it grows (`BILINEAR` in Pillow, and `interpolate` with `antialias=True`,
  /// `align_corners=False` in PyTorch). Weights and sums are integers; each pixel is rounded once, a half upwards.
  ///
  /// - Throws: If the channels differ, or a side is zero or longer than `largestSide`.
  package func resized(to shape: ImageShape) throws(GraftFailure) -> Dataset {
    if shape == self.shape { return self }
    guard shape.channels == self.shape.channels else {
      throw GraftFailure(
        .badData, "images of \(self.shape.channels) channels cannot become images of \(shape.channels) by resizing")
    }
    let sides = [self.shape.height, self.shape.width, shape.height, shape.width]
    guard sides.allSatisfy((1...Dataset.largestSide).contains) else {
      throw GraftFailure(
        .badData,
        "cannot resize images of \(self.shape) to \(shape): a side may have 1 to \(Dataset.largestSide) pixels")
    }
    let columns = TriangleFilter(from: self.shape.width, to: shape.width)
    let rows = TriangleFilter(from: self.shape.height, to: shape.height)
    var resized: [UInt8] = []
    resized.reserveCapacity(count * shape.count)
    // One row of sums for each row of an image, reused.
    var narrowed = [Int](repeating: 0, count: self.shape.height * shape.width)
    let plane = self.shape.height * self.shape.width
    for (index, channel) in (0..<count).lazy.flatMap({ index in (0..<shape.channels).lazy.map { (index, $0) } }) {
      let pixels = image(index)
      let start = pixels.startIndex + channel * plane
      for row in 0..<self.shape.height {
        let first = start + row * self.shape.width
        for (column, taps) in columns.taps.enumerated() {
          var sum = 0
          for (place, weight) in taps.weights.enumerated() { sum += weight * Int(pixels[first + taps.first + place]) }
          narrowed[row * shape.width + column] = sum
        }
      }
      for tall in rows.taps {
        for (column, wide) in columns.taps.enumerated() {
          var sum = 0
          for (place, weight) in tall.weights.enumerated() {
            sum += weight * narrowed[(tall.first + place) * shape.width + column]
          }
          let divisor = tall.sum * wide.sum
          resized.append(UInt8((sum + divisor / 2) / divisor))
        }
      }
    }
    return Dataset(name: name, shape: shape, classNames: classNames, pixels: resized, labels: labels)
  }

  /// The longest side, in pixels. Longer ones could overflow the integer sums: 2 · side² is the largest sum of a row's weights.
  static let largestSide = 8192
}

/// A filter for lines: the old pixels that make each new pixel, and their weights.
private struct TriangleFilter {
  struct Taps {
    /// Index of the first pixel that counts.
    let first: Int
    let weights: [Int]
    let sum: Int
  }

  let taps: [Taps]

  /// Computes the weights. In units of 1 / (2 · `from` · `to`) of the line, pixel x lies at (2x + 1) · `to` and the new
  /// pixel i at (2i + 1) · `from`. The triangle is 2 · max(`from`, `to`) high, and falls by one per unit.
  init(from old: Int, to new: Int) {
    let height = 2 * max(old, new)
    taps = (0..<new).map { pixel in
      let centre = (2 * pixel + 1) * old
      // Pixels outside the line are left out of the weights and of their sum.
      let first = max((centre - height) / (2 * new) - 1, 0)
      let last = min((centre + height) / (2 * new) + 1, old - 1)
      let all = (first...last).map { max(height - abs((2 * $0 + 1) * new - centre), 0) }
      let unused = all.prefix { $0 == 0 }.count
      let weights = Array(all.dropFirst(unused))
      return Taps(first: first + unused, weights: weights, sum: weights.reduce(0, +))
    }
  }
}
