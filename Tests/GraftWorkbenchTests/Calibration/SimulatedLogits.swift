import Foundation
import GraftMatrices

/// Images whose labels are drawn from softmax(z): a model that knows z exactly is calibrated at T = 1.
struct SimulatedLogits {
  let logits: Matrix
  let labels: [Int]

  /// - Parameters:
  ///   - spread: The standard deviation of z.
  ///   - sharpness: What z is multiplied by afterwards: above 1 for a model that is too sure.
  init(_ images: Int, classes: Int = 5, spread: Float = 2, sharpness: Float = 1, seed: UInt64) {
    var stream = RandomStream(RandomKey(seed: seed, purpose: .bootstrap))
    var logits = Matrix(rows: images, columns: classes)
    labels = (0..<images).map { row in
      let z = (0..<classes).map { _ in spread * stream.normal() }
      for column in 0..<classes { logits[row, column] = sharpness * z[column] }
      let weights = z.map { exp(Double($0)) }
      var rest = Double(stream.uniform()) * weights.reduce(0, +)
      return weights.firstIndex { weight in
        rest -= weight
        return rest < 0
      } ?? classes - 1
    }
    self.logits = logits
  }
}
