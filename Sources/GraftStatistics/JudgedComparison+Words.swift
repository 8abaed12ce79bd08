import GraftFiles

extension JudgedComparison {
  /// The verdict in words: "helps: +2.70 points (95 % +1.90 to +3.50; p = 0.0001 after Holm; better in 10 of 10
  /// seeds)".
  public var words: String {
    let points = "\(signed(comparison.gain.mean)) points"
    let interval = "95 % \(signed(comparison.interval.low)) to \(signed(comparison.interval.high))"
    let p = "\(probability(adjustedP)) after Holm"
    switch verdict {
    case .helps, .hurts: return "\(verdict.rawValue): \(points) (\(interval); \(p); \(agreement))"
    case .equal: return "equal within \(decimals(margin, margin < 0.1 ? 2 : 1)) points: \(points) (\(interval))"
    case .notShown:
      let detectable = detectable.map { "; eight of ten such studies would have shown \(decimals($0, 1))" } ?? ""
      return "not shown: \(points) (\(interval); \(p)\(detectable))"
    case .oneSeed:
      let differ = comparison.pValue < 0.05 ? "these two models differ" : "these two models are not shown to differ"
      return
        "\(differ): \(points) (\(interval) over test images; exact McNemar \(probability(comparison.pValue)); one seed "
        + "says nothing of the methods)"
    }
  }

  /// The number of seeds that agree with the mean gain, in words.
  private var agreement: String {
    if comparison.gain.mean < 0 { return "worse in \(comparison.seedsWorse) of \(comparison.seeds) seeds" }
    return "better in \(comparison.seedsBetter) of \(comparison.seeds) seeds"
  }
}
