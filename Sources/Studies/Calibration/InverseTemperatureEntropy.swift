import Foundation
import Matrices

/// The cross-entropy with smoothed targets q as a function of β = 1/T, Σ (log Σ exp(βz) - β q·z).
///
/// Convex in β, unlike in T: its second derivative is the variance of the logits under the softmax.
struct InverseTemperatureEntropy: Sendable {
  /// The logits below their row's largest, row by row: 0 or negative.
  private let depths: [Double]
  private let classes: Int
  /// Σ q·z over the images, of ``depths``.
  private let target: Double

  /// One unseen image, spread evenly over the classes, stands beside the images behind each target.
  ///
  /// - Returns: Nil where it is the same for every β.
  init?(_ logits: Matrix, labels: [Int]) {
    precondition(logits.rows == labels.count, "\(logits.rows) images and \(labels.count) labels")
    let classes = logits.columns
    var depths: [Double] = []
    depths.reserveCapacity(labels.count * classes)
    var (ofLabels, ofAll) = (0.0, 0.0)
    for (row, label) in labels.enumerated() {
      precondition(label >= 0 && label < classes, "label \(label) is not one of \(classes) classes")
      let largest = Double(logits[row, logits.argmax(row: row)])
      let depth = (0..<classes).map { Double(logits[row, $0]) - largest }
      let sum = depth.reduce(0, +)
      guard sum.isFinite else { continue }
      depths += depth
      ofLabels += depth[label]
      ofAll += sum
    }
    guard ofAll < 0 else { return nil }
    let images = Double(depths.count / classes)
    target = (images * ofLabels + ofAll / Double(classes)) / (images + 1)
    self.depths = depths
    self.classes = classes
  }

  /// First and second derivative.
  private func derivatives(at beta: Double) -> (slope: Double, curvature: Double) {
    var (slope, curvature) = (-target, 0.0)
    for start in stride(from: 0, to: depths.count, by: classes) {
      var (total, first, second) = (0.0, 0.0, 0.0)
      for index in start..<start + classes {
        let depth = depths[index]
        let weight = exp(beta * depth)
        total += weight
        first += weight * depth
        second += weight * depth * depth
      }
      let mean = first / total
      slope += mean
      curvature += second / total - mean * mean
    }
    return (slope, curvature)
  }

  /// Newton's method on the slope, with a bisection where a step would leave the bracket or is not half the one before
  /// (Press et al., "Numerical Recipes", 3rd edition, 2007, §9.4).
  ///
  /// - Returns: To 12 digits; the nearest end where the minimum is outside.
  func minimum(in range: ClosedRange<Double>) -> Double {
    var (low, high) = (range.lowerBound, range.upperBound)
    guard derivatives(at: low).slope < 0 else { return low }
    guard derivatives(at: high).slope > 0 else { return high }
    var beta = min(max(1, low), high)
    var lastStep = high - low
    for _ in 0..<200 {
      let (slope, curvature) = derivatives(at: beta)
      if slope < 0 { low = beta } else { high = beta }
      var next = beta - slope / curvature
      if !(next > low && next < high) || abs(next - beta) > lastStep / 2 { next = low + (high - low) / 2 }
      lastStep = abs(next - beta)
      beta = next
      if lastStep <= 1e-12 * beta { break }
    }
    return beta
  }
}
