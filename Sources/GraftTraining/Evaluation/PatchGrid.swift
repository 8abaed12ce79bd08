/// The places of a square patch that slides over an image in steps of half its side, down to the last row and column.
package struct PatchGrid: Sendable, Hashable {
  /// Height of the image.
  package let height: Int
  /// Width of the image.
  package let width: Int
  /// Side of the patch: a seventh of the image's shorter side, and at least 2 pixels.
  package let side: Int
  /// Pixels from one place to the next.
  package let step: Int

  package init(height: Int, width: Int) {
    (self.height, self.width) = (height, width)
    side = max(2, min(height, width) / 7)
    step = side / 2
  }

  /// Places along a side of `length` pixels.
  private func places(_ length: Int) -> Int { length <= side ? 1 : (length - side + step - 1) / step + 1 }

  /// Places from the top to the bottom.
  package var down: Int { places(height) }
  /// Places from the left to the right.
  package var across: Int { places(width) }
  /// Number of places.
  package var count: Int { down * across }

  /// The pixel rows that the patch hides at a place; the last place may be cut off.
  package func rows(_ place: Int) -> Range<Int> { range(place / across, height) }
  /// The pixel columns that the patch hides at a place.
  package func columns(_ place: Int) -> Range<Int> { range(place % across, width) }

  private func range(_ place: Int, _ length: Int) -> Range<Int> { place * step..<min(place * step + side, length) }

  /// The image with the patch at a place.
  ///
  /// - Parameters:
  ///   - pixels: [channels × height × width].
  ///   - fill: The byte of each channel of the patch.
  func hiding(_ place: Int, of pixels: [UInt8], behind fill: [UInt8]) -> [UInt8] {
    var hidden = pixels
    for (channel, byte) in fill.enumerated() {
      for row in rows(place) {
        let line = (channel * height + row) * width
        for column in columns(place) { hidden[line + column] = byte }
      }
    }
    return hidden
  }

  /// The mean, for each pixel, of the values of the places that hide it: [height × width].
  func mean(of values: [Float]) -> [Float] {
    var (sums, counts) = ([Float](repeating: 0, count: height * width), [Float](repeating: 0, count: height * width))
    for place in 0..<count {
      for row in rows(place) {
        for column in columns(place) {
          sums[row * width + column] += values[place]
          counts[row * width + column] += 1
        }
      }
    }
    return zip(sums, counts).map { $0 / $1 }
  }
}
