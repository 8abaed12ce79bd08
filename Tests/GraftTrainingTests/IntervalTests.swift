import GraftStatistics
import GraftTraining
import NumericChecks
import Testing

private struct WilsonCases: Decodable {
  struct Group: Decodable { let cases: [Case] }
  struct Case: Decodable {
    let successes: Int
    let trials: Int
    let low: Double
    let high: Double
  }
  let wilson: Group
}

@Suite struct IntervalTests {
  @Test("Wilson's interval is SciPy's")
  func wilson() throws {
    let cases = try Golden.load(WilsonCases.self, from: "statistics").wilson.cases
    #expect(cases.count == 12)
    for known in cases {
      let interval = Interval.wilson(successes: known.successes, trials: known.trials)
      #expect(
        mismatch([interval.low, interval.high], [known.low, known.high], within: 1e-12) == nil,
        "\(known.successes) of \(known.trials)")
    }
  }

  @Test("no trials say nothing; all or none end at the edge exactly")
  func edges() {
    #expect(Interval.wilson(successes: 0, trials: 0) == Interval(low: 0, high: 1))
    #expect(Interval.wilson(successes: 0, trials: 7).low == 0)
    #expect(Interval.wilson(successes: 7, trials: 7).high == 1)
  }

  @Test("an interval holds its ends, and no NaN")
  func contains() {
    let interval = Interval(low: -1, high: 2)
    #expect([-1, 0, 2].allSatisfy(interval.contains))
    #expect(![-1.0000001, 2.0000001, .nan, .infinity].contains(where: interval.contains))
  }
}
