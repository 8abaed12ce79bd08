import Foundation
import GraftMatrices

/// The negative logarithm of a temperature's posterior as a function of t = log T: the loss of the images, Σ (log Σ exp(z/T) -
/// z[label]/T), plus the prior's (t - t₀)² / 2σ².
struct TemperaturePosterior: Sendable {
  /// The logits minus their row's largest, row by row: 0 or negative.
  private let depths: [Double]
  private let classes: Int
  /// The sum Σ z[label] over the images, with z from `depths`.
  private let ofLabels: Double
  private let expected: Double
  private let deviation: Double

  /// The posterior given the images' logits and labels.
  ///
  /// - Returns: nil if the loss is the same for every T.
  init?(_ logits: Matrix, labels: [Int], expected: Double, deviation: Double) {
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
    self.depths = depths
    self.classes = classes
    self.ofLabels = ofLabels
    self.expected = log(expected)
    self.deviation = deviation
  }

  /// The value, first and second derivative at t.
  private func values(at t: Double) -> (value: Double, slope: Double, curvature: Double) {
    let beta = exp(-t)
    var (loss, first, second) = (-beta * ofLabels, -ofLabels, 0.0)
    for start in stride(from: 0, to: depths.count, by: classes) {
      var (total, sum, square) = (0.0, 0.0, 0.0)
      for index in start..<start + classes {
        let depth = depths[index]
        let weight = exp(beta * depth)
        total += weight
        sum += weight * depth
        square += weight * depth * depth
      }
      let mean = sum / total
      loss += log(total)
      first += mean
      second += square / total - mean * mean
    }
    let distance = (t - expected) / deviation
    // By the chain rule over β = exp(-t).
    return (
      loss + distance * distance / 2, -beta * first + distance / deviation,
      beta * first + beta * beta * second + 1 / (deviation * deviation)
    )
  }

  /// The minimum: the best point of a grid, then Newton's method on the slope between its neighbours, with a bisection if a step
  /// would leave the bracket or is not half the one before (Press et al., "Numerical Recipes", 3rd edition, 2007, §9.4). The grid
  /// is needed because a loss that is convex in 1/T need not be so in log T.
  ///
  /// - Returns: log T to 12 digits; an end of the range if the minimum is outside.
  func minimum(in range: ClosedRange<Double>) -> Double {
    let pieces = 32
    let step = (range.upperBound - range.lowerBound) / Double(pieces)
    let grid = (0..<pieces).map { range.lowerBound + Double($0) * step } + [range.upperBound]
    let losses = grid.map { values(at: $0).value }
    let best = losses.indices.min { losses[$0] < losses[$1] } ?? 0
    var (low, high) = (grid[max(best - 1, 0)], grid[min(best + 1, pieces)])
    guard values(at: low).slope < 0 else { return low }
    guard values(at: high).slope > 0 else { return high }
    var t = grid[best]
    var lastStep = high - low
    for _ in 0..<200 {
      let (_, slope, curvature) = values(at: t)
      if slope < 0 { low = t } else { high = t }
      var next = t - slope / curvature
      if !(next > low && next < high) || abs(next - t) > lastStep / 2 { next = low + (high - low) / 2 }
      lastStep = abs(next - t)
      t = next
      if lastStep <= 1e-12 { break }
    }
    return t
  }
}
