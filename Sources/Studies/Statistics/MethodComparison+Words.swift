import Training

extension MethodComparison {
  /// "helps: +2.70 points (95 % over seeds +2.10 to +3.30, over images +1.90 to +3.50; p = 0.0001 after Holm; better in
  /// 10 of 10 seeds, significantly in 9)".
  ///
  /// - Parameter adjustedP: ``pValue`` after Holm's correction.
  public func words(adjustedP: Double) -> String {
    let images = "over images \(range(overImages))"
    let intervals = overSeeds.map { "over seeds \(range($0)), \(images)" } ?? images
    let verdict = "\(verdict(adjustedP: adjustedP).rawValue): \(signed(gain.mean)) points"
    return "\(verdict) (95 % \(intervals); \(probability(adjustedP)) after Holm; \(agreement))"
  }

  /// How many seeds agree with the mean gain.
  private var agreement: String {
    if seeds == 1 { return "one seed; another may differ" }
    if gain.mean < 0 {
      let worse = gain.values.filter { $0 < 0 }.count
      return "worse in \(worse) of \(seeds) seeds, significantly in \(record.losses)"
    }
    let better = gain.values.filter { $0 > 0 }.count
    return "better in \(better) of \(seeds) seeds, significantly in \(record.wins)"
  }

  private func range(_ interval: Interval) -> String { "\(signed(interval.low)) to \(signed(interval.high))" }
}
