/// Repeated measurements of one quantity, one per seed.
public struct Sample: Sendable, Hashable, Codable {
  /// The measurements, one per seed.
  public let values: [Double]

  /// Creates a sample of measurements.
  public init(_ values: [Double]) { self.values = values }

  /// The number of measurements.
  package var count: Int { values.count }
  /// The mean; 0 for no values.
  public var mean: Double { values.isEmpty ? 0 : values.reduce(0, +) / Double(count) }

  /// The sample's standard deviation (divisor n - 1), about the mean in a second pass; nil for fewer than two values.
  public var deviation: Double? {
    guard count > 1 else { return nil }
    let mean = mean
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)).squareRoot()
  }

  /// The interval of the mean over all possible seeds: mean ± t · s / √n. Nil for fewer than two values.
  public func meanInterval(confidence: Double = 0.95) -> Interval? {
    interval(confidence, scale: (1 / Double(count)).squareRoot())
  }

  /// Welch's interval of the difference of two means over different seeds. Nil for fewer than two values.
  ///
  /// Welch, "The generalization of 'Student's' problem when several different population variances are involved",
  /// Biometrika 34, 1947.
  package func differenceInterval(minus other: Sample, confidence: Double = 0.95) -> Interval? {
    guard let own = deviation, let theirs = other.deviation else { return nil }
    let (one, two) = (own * own / Double(count), theirs * theirs / Double(other.count))
    let difference = mean - other.mean
    guard one + two > 0 else { return Interval(low: difference, high: difference) }
    let freedom = (one + two) * (one + two) / (one * one / Double(count - 1) + two * two / Double(other.count - 1))
    let half = StudentT(degreesOfFreedom: freedom).quantile((1 + confidence) / 2) * (one + two).squareRoot()
    return Interval(low: difference - half, high: difference + half)
  }

  /// The interval in which one more run will lie: mean ± t · s · √(1 + 1/n). Nil for fewer than two values.
  ///
  /// Hahn and Meeker, "Statistical Intervals", 1991, §4.7; exact for normal values.
  package func predictionInterval(confidence: Double) -> Interval? {
    interval(confidence, scale: (1 + 1 / Double(count)).squareRoot())
  }

  /// The value that the share `share` of the values stays below, interpolated linearly between neighbours, as
  /// `numpy.percentile` does. Nil for no values.
  ///
  /// Hyndman and Fan, "Sample quantiles in statistical packages", The American Statistician 50, 1996, definition 7.
  ///
  /// - Parameter share: From 0 to 1.
  package func quantile(_ share: Double) -> Double? { values.isEmpty ? nil : Self.quantile(share, of: values.sorted()) }

  /// The middle part of the values, which leaves as many below as above. Nil for no values.
  package func middle(_ share: Double) -> Interval? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    return Interval(
      low: Self.quantile((1 - share) / 2, of: sorted), high: Self.quantile((1 + share) / 2, of: sorted))
  }

  /// The quantile at position (n - 1) · share, counted from zero, of the n sorted values.
  private static func quantile(_ share: Double, of sorted: [Double]) -> Double {
    precondition(share >= 0 && share <= 1)
    let position = share * Double(sorted.count - 1)
    let lower = min(Int(position), sorted.count - 1)
    let (low, high) = (sorted[lower], sorted[min(lower + 1, sorted.count - 1)])
    let fraction = position - Double(lower)
    // From the nearer end, so that both ends are exact.
    return fraction < 0.5 ? low + (high - low) * fraction : high - (high - low) * (1 - fraction)
  }

  private func interval(_ confidence: Double, scale: Double) -> Interval? {
    guard let deviation else { return nil }
    let t = StudentT(degreesOfFreedom: Double(count - 1)).quantile((1 + confidence) / 2)
    return Interval(low: mean - t * deviation * scale, high: mean + t * deviation * scale)
  }
}
