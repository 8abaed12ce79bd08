/// A range that contains a quantity with a stated confidence.
public struct Interval: Sendable, Hashable {
  /// The lower bound.
  public let low: Double
  /// The upper bound.
  public let high: Double

  /// An interval with both bounds included.
  package init(low: Double, high: Double) {
    self.low = low
    self.high = high
  }

  /// Whether `value` lies in the interval, bounds included.
  package func contains(_ value: Double) -> Bool { value >= low && value <= high }
}

extension Interval {
  /// The 97.5 % point of the standard normal distribution.
  static let normalQuantile = 1.959_963_984_540_054

  /// The 95 % interval for a proportion (Wilson, JASA 22, 1927), for another set of test images of the same kind. Bounds are in
  /// [0, 1]; with no trials the interval is all of it.
  public static func wilson(successes: Int, trials: Int) -> Interval {
    guard trials > 0 else { return Interval(low: 0, high: 1) }
    let n = Double(trials)
    let p = Double(successes) / n
    let square = normalQuantile * normalQuantile
    let centre = (p + square / (2 * n)) / (1 + square / n)
    let half = normalQuantile / (1 + square / n) * (p * (1 - p) / n + square / (4 * n * n)).squareRoot()
    return Interval(
      low: successes == 0 ? 0 : max(0, centre - half), high: successes == trials ? 1 : min(1, centre + half))
  }
}
