/// A forecast of the seeds that a comparison needs, from how much its gains differ from seed to seed.
package struct SeedPlan: Sendable {
  /// The gains that a plan asks for, in points.
  package static let usualGains: [Double] = [0.5, 1, 2]

  /// The number of seeds that the forecast rests on.
  package let known: Int
  /// Standard deviation of the gain over these seeds, in points.
  package let deviation: Double
  /// The seeds that show each gain asked for in eight of ten studies; nil if no number of seeds up to a thousand does.
  package let needed: [(gain: Double, seeds: Int?)]

  /// Plans the seeds of a comparison; nil for one seed, which has no spread.
  ///
  /// - Parameter level: The uncorrected p below which a difference is shown, `JudgedComparison.level`.
  package init?(_ comparison: MethodComparison, level: Double, gains: [Double] = usualGains) {
    guard let test = comparison.test, let deviation = comparison.gain.deviation else { return nil }
    known = comparison.seeds
    self.deviation = deviation
    needed = gains.map { ($0, test.seedsNeeded(toShow: $0, level: level)) }
  }
}
