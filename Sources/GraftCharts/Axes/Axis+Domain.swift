extension Axis {
  /// Returns the range of the axis so that `values` lie on it; values without a place on the axis are left out.
  ///
  /// `count` is the number of steps between ticks. A `snug` axis ends exactly where the values end.
  func domain(covering values: [Double], count: Int, snug: Bool) -> ClosedRange<Double> {
    if let range, admits(range.lowerBound), admits(range.upperBound), range.lowerBound < range.upperBound {
      return range
    }
    let shown = values.filter(admits)
    guard let low = shown.min(), let high = shown.max() else {
      return scale == .linear ? 0...1 : 0.1...1
    }
    switch scale {
    case .linear: return linearDomain(low, high, count: count, snug: snug)
    case .logarithmic: return logarithmicDomain(low, high, snug: snug)
    }
  }

  private func linearDomain(_ low: Double, _ high: Double, count: Int, snug: Bool) -> ClosedRange<Double> {
    guard let step = Ticks.Step.dividing(low, high, into: count, whole: false)?.value else {
      // All values are equal, or nearly: they get the middle.
      let middle = low / 2 + high / 2
      let margin = abs(middle) * 0.1
      return margin < 1e-290 ? 0...1 : (middle - margin)...(middle + margin)
    }
    // An end moves out to a round number if that is near, else by a little, so that nothing touches the border.
    let span = high - low
    let floor = (low / step + 1e-6).rounded(.down) * step
    let ceiling = (high / step - 1e-6).rounded(.up) * step
    var start = low - floor <= 0.12 * span ? min(floor, low) : snug ? low : low - 0.04 * span
    let end = snug ? high : ceiling - high <= 0.05 * span ? max(ceiling, high) : high + 0.04 * span
    // Margins do not make a quantity negative that never is.
    if low >= 0 { start = max(start, 0) }
    return start...end
  }

  private func logarithmicDomain(_ low: Double, _ high: Double, snug: Bool) -> ClosedRange<Double> {
    let (start, end) = (Decade.logarithm(low), Decade.logarithm(high))
    guard end - start > 1e-9 else { return max(low / 2, 1e-300)...min(high * 2, 1e300) }
    let margin = snug ? 0 : 0.04 * (end - start)
    return min(low, Decade.power(start - margin))...max(high, Decade.power(end + margin))
  }
}
