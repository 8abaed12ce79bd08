import Training

/// Repeated measurements of one quantity, one per seed.
public struct Sample: Sendable, Hashable {
  public let values: [Double]

  public init(_ values: [Double]) { self.values = values }

  public var count: Int { values.count }
  public var mean: Double { values.isEmpty ? 0 : values.reduce(0, +) / Double(count) }

  /// The sample's standard deviation (divisor n - 1), about the mean in a second pass; nil for fewer than two values.
  public var deviation: Double? {
    guard count > 1 else { return nil }
    let mean = mean
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)).squareRoot()
  }

  /// Where the mean over all possible seeds lies: mean ± t · s / √n. Nil for fewer than two values.
  public func meanInterval(confidence: Double = 0.95) -> Interval? {
    interval(confidence, scale: (1 / Double(count)).squareRoot())
  }

  /// Where one more run will lie: mean ± t · s · √(1 + 1/n). Nil for fewer than two values.
  ///
  /// Hahn and Meeker, "Statistical Intervals", 1991, §4.7; exact for normal values.
  public func predictionInterval(confidence: Double) -> Interval? {
    interval(confidence, scale: (1 + 1 / Double(count)).squareRoot())
  }

  private func interval(_ confidence: Double, scale: Double) -> Interval? {
    guard let deviation else { return nil }
    let t = StudentT(degreesOfFreedom: Double(count - 1)).quantile((1 + confidence) / 2)
    return Interval(low: mean - t * deviation * scale, high: mean + t * deviation * scale)
  }
}
