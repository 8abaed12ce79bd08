import GraftMatrices

/// Small images of a few classes that a network learns in seconds: each class lights its own third of the pixels, with
/// noise.
package struct PatternImages: Sendable {
  package let side: Int
  package let pixels: [UInt8]
  /// Class after class in turn: 0, 1, 2, …, 0, 1, 2, …
  package let labels: [Int]

  /// - Parameters:
  ///   - seed: Of the noise; the patterns of the classes are always the same.
  ///   - noise: The share of pixels that say nothing of the class.
  package init(perClass: Int, classes: Int = 10, side: Int = 6, noise: Float = 0.15, seed: UInt64) {
    let count = side * side
    var stream = RandomStream(RandomKey(seed: 7, purpose: .syntheticDigits))
    let patterns = (0..<classes).map { _ in (0..<count).map { _ in stream.uniform() < 0.33 } }
    stream = RandomStream(RandomKey(seed: seed, purpose: .syntheticDigits, index: 1))
    var pixels: [UInt8] = []
    for image in 0..<perClass * classes {
      for isLit in patterns[image % classes] {
        let random = UInt8(stream.integer(below: 256))
        if stream.uniform() < noise {
          pixels.append(stream.uniform() < 0.5 ? 0 : random)
        } else {
          pixels.append(isLit ? 128 | random : 0)
        }
      }
    }
    self.side = side
    self.pixels = pixels
    labels = (0..<perClass * classes).map { $0 % classes }
  }

  /// Width of one image.
  package var columns: Int { side * side }
  package var shape: ImageShape { ImageShape(height: side, width: side) }
}
