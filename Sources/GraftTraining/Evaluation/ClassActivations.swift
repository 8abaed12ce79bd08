import GraftMatrices
import GraftNetworks

/// Where in an image a model with a global average saw the evidence for a class (Zhou et al., "Learning Deep Features for Discriminative
/// Localization", CVPR 2016).
package struct ClassActivations: Sendable, Hashable {
  /// Positions of the last feature maps.
  package let height: Int
  package let width: Int
  /// The evidence at each position, beyond that for the mean class: [height × width]; below zero where it speaks against the class.
  package let values: [Float]

  /// The activations of each image for one of its outputs; nil if the model has no global average before its head.
  ///
  /// - Parameters:
  ///   - pixels: Images in the model's shape, one byte a pixel, each with the output that is looked for.
  /// - Complexity: One answer for each image.
  package static func each(
    of images: [(pixels: [UInt8], output: Int)], by checkpoint: Checkpoint
  ) -> [ClassActivations]? {
    let shape = checkpoint.model.inputShape
    guard checkpoint.model.architecture.isConvolutional else { return nil }
    let program = Program(checkpoint.model)
    var found: [ClassActivations] = []
    for image in images {
      precondition(image.pixels.count == shape.count)
      let input = checkpoint.normalization.rows(image.pixels, columns: shape.count, sparse: false)
      guard let map = program.classActivations(of: image.output, image: 0, in: input) else { return nil }
      found.append(ClassActivations(height: map.height, width: map.width, values: map.values))
    }
    return found
  }

  /// The activations at each pixel of a larger image, bilinear between the middles of the positions: [rows × columns].
  package func enlarged(rows: Int, columns: Int) -> [Float] {
    /// The positions around a pixel and the share of the second.
    func between(_ pixel: Int, _ pixels: Int, _ positions: Int) -> (first: Int, second: Int, share: Float) {
      let place = (Float(pixel) + 0.5) * Float(positions) / Float(pixels) - 0.5
      let inside = min(max(place, 0), Float(positions - 1))
      let first = Int(inside)
      return (first, min(first + 1, positions - 1), inside - Float(first))
    }
    let across = (0..<columns).map { between($0, columns, width) }
    return (0..<rows).flatMap { row in
      let down = between(row, rows, height)
      return across.map { across in
        func mixed(_ line: Int) -> Float {
          let (left, right) = (values[line * width + across.first], values[line * width + across.second])
          return left + across.share * (right - left)
        }
        let (upper, lower) = (mixed(down.first), mixed(down.second))
        return upper + down.share * (lower - upper)
      }
    }
  }
}
