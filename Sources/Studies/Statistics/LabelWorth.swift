import Matrices

/// What a method is worth in labels: how many the control needs to become as accurate as the method is with a given
/// number.
public struct LabelWorth: Sendable, Hashable {
  /// A 95 % interval whose ends may lie beyond the control's curve.
  public struct Ends: Sendable, Hashable {
    public let low: LabelAmount
    public let high: LabelAmount

    public init(low: LabelAmount, high: LabelAmount) {
      self.low = low
      self.high = high
    }
  }

  /// The method's labels.
  public let labelsPerClass: Double
  /// The method's mean accuracy with them, in percent.
  public let accuracy: Double
  /// The control's labels per class for the same accuracy.
  public let needed: LabelAmount
  /// Of ``needed``, over seeds; nil for one seed. With ten seeds it holds the truth about 90 times of 100, not 95:
  /// percentile intervals of few values are short.
  public let neededInterval: Ends?

  /// - Parameters:
  ///   - method: Has a point at `labelsPerClass`.
  ///   - control: With the same seeds in the same order. A seed means the same labelled images for both, so seeds are
  ///     resampled for both together: percentile interval of 1,000 resamples (Efron and Tibshirani, "An Introduction to
  ///     the Bootstrap", 1993, §13.3).
  public init?(of method: SampleEfficiency, at labelsPerClass: Double, control: SampleEfficiency, seed: UInt64 = 0) {
    precondition(method.seeds == control.seeds)
    guard let accuracies = method.accuracy(atLabelsPerClass: labelsPerClass) else { return nil }
    self.labelsPerClass = labelsPerClass
    accuracy = accuracies.mean
    needed = control.labels(reaching: accuracy)
    let seeds = method.seeds
    guard seeds > 1 else {
      neededInterval = nil
      return
    }
    var stream = RandomStream(RandomKey(seed: seed, purpose: .bootstrap, index: 1))
    let found = (0..<1_000).map { _ -> LabelAmount in
      let drawn = (0..<seeds).map { _ in stream.integer(below: seeds) }
      return control.labels(reaching: Sample(drawn.map { accuracies.values[$0] }).mean, seeds: drawn)
    }
    let sorted = found.sorted(by: LabelAmount.isInOrder)
    neededInterval = Ends(low: Self.quantile(0.025, of: sorted, .low), high: Self.quantile(0.975, of: sorted, .high))
  }

  private enum End { case low, high }

  /// By ``QuantilePlace``; between a number and an open amount, from which nothing can be interpolated, the outer of
  /// the two.
  private static func quantile(_ share: Double, of sorted: [LabelAmount], _ end: End) -> LabelAmount {
    let place = QuantilePlace(share, count: sorted.count)
    let (lower, upper) = (sorted[place.lower], sorted[place.upper])
    guard case .labels(let low) = lower, case .labels(let high) = upper else { return end == .low ? lower : upper }
    return .labels(low + (high - low) * place.fraction)
  }

  /// How many labels of the control one label of the method is worth.
  public var factor: LabelAmount { needed.divided(by: labelsPerClass) }

  /// Of ``factor``, over seeds; nil for one seed.
  public var factorInterval: Ends? {
    neededInterval.map {
      Ends(low: $0.low.divided(by: labelsPerClass), high: $0.high.divided(by: labelsPerClass))
    }
  }
}
