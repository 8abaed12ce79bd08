import Foundation
import GraftStatistics
import GraftTraining
import GraftWorkbench
import NumericChecks
import Testing

private struct Statistics: Decodable {
  struct Group<Case: Decodable>: Decodable { let cases: [Case] }
  struct Quantile: Decodable {
    let p: Double
    let df: Double
    let value: Double
  }
  struct Interval: Decodable {
    let name: String
    let values: [Double]
    let confidence: Double
    let mean: Double
    let sd: Double
    let low: Double
    let high: Double
  }
  struct Split: Decodable {
    let b: Int
    let c: Int
    let p: Double
  }
  let mcnemar: Group<Split>
  let studentTQuantiles: Group<Quantile>
  let meanIntervals: Group<Interval>
  let predictionIntervals: Group<Interval>
}

@Suite struct StatisticsTests {
  private let golden: Statistics

  init() throws { golden = try Golden.load(Statistics.self, from: "statistics") }

  @Test("Student's quantiles are SciPy's, and the distribution gives their probabilities back")
  func quantiles() {
    #expect(golden.studentTQuantiles.cases.count == 16)
    for known in golden.studentTQuantiles.cases {
      let t = StudentT(degreesOfFreedom: known.df)
      #expect(mismatch([t.quantile(known.p)], [known.value], within: 1e-9) == nil, "\(known.df), \(known.p)")
      #expect(mismatch([t.quantile(1 - known.p)], [-known.value], within: 1e-9) == nil, "\(known.df), \(known.p)")
      #expect(abs(t.cumulative(known.value) - known.p) < 1e-12)
    }
  }

  @Test(
    "with one degree of freedom it is Cauchy's, with two an algebraic function",
    arguments: [-50, -3, -0.1, 0, 0.5, 2, 30])
  func closedForms(t: Double) {
    #expect(abs(StudentT(degreesOfFreedom: 1).cumulative(t) - (0.5 + atan(t) / .pi)) < 1e-13)
    #expect(abs(StudentT(degreesOfFreedom: 2).cumulative(t) - (0.5 + t / (2 * (2 + t * t).squareRoot()))) < 1e-13)
  }

  @Test("quantile and probability undo each other", arguments: [1, 2.5, 9, 200, 10_000])
  func roundTrip(freedom: Double) {
    let t = StudentT(degreesOfFreedom: freedom)
    for p in [1e-6, 0.001, 0.025, 0.3, 0.5, 0.7, 0.975, 0.999_999] {
      #expect(abs(t.cumulative(t.quantile(p)) - p) < 1e-12, "\(p)")
    }
    #expect(abs(t.quantile(0.5)) < 1e-12)
  }

  private func expect(_ interval: Interval?, _ known: Statistics.Interval) {
    let sample = Sample(known.values)
    #expect(sample.count == known.values.count)
    #expect(mismatch([sample.mean], [known.mean], within: 1e-12) == nil, "\(known.name)")
    #expect(mismatch([sample.deviation ?? .nan], [known.sd], within: 1e-9) == nil, "\(known.name)")
    let ends = interval.map { [$0.low, $0.high] } ?? []
    #expect(mismatch(ends, [known.low, known.high], within: 1e-9) == nil, "\(known.name)")
  }

  @Test("mean, deviation and the interval of the mean are SciPy's")
  func meanIntervals() {
    #expect(golden.meanIntervals.cases.count == 6)
    for known in golden.meanIntervals.cases {
      expect(Sample(known.values).meanInterval(confidence: known.confidence), known)
      #expect(Sample(known.values).meanInterval() == Sample(known.values).meanInterval(confidence: 0.95))
    }
  }

  @Test("the range of one more run is SciPy's")
  func predictionIntervals() {
    #expect(golden.predictionIntervals.cases.count == 6)
    for known in golden.predictionIntervals.cases {
      expect(Sample(known.values).predictionInterval(confidence: known.confidence), known)
    }
  }

  @Test("McNemar's probabilities are SciPy's")
  func mcNemar() {
    #expect(golden.mcnemar.cases.count == 10)
    for known in golden.mcnemar.cases {
      let found = McNemar(firstOnly: known.b, secondOnly: known.c).pValue
      #expect(mismatch([found], [known.p], within: 1e-10, floor: 1e-12) == nil, "\(known.b), \(known.c)")
    }
  }

  @Test("McNemar counts the images on which exactly one model is right")
  func mcNemarCounts() {
    let counted = McNemar(labels: [0, 1, 2, 0, 1], first: [0, 1, 0, 1, 2], second: [0, 0, 2, 2, 1])
    #expect(counted == McNemar(firstOnly: 1, secondOnly: 2))
  }

  @Test("a single value has a mean and no interval, none has neither")
  func few() {
    #expect(Sample([3]).mean == 3 && Sample([3]).deviation == nil && Sample([3]).meanInterval() == nil)
    #expect(Sample([3]).predictionInterval(confidence: 0.9) == nil)
    #expect(Sample([]).mean == 0 && Sample([]).deviation == nil && Sample([]).meanInterval() == nil)
  }
}
