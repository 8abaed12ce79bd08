import GraftStatistics
import GraftWorkbench
import NumericChecks
import Testing

@Suite("Accuracy over labels")
struct SampleEfficiencyTests {
  private struct Golden: Decodable {
    struct Group<Case: Decodable>: Decodable { let cases: [Case] }
    struct Isotonic: Decodable {
      let values: [Double]
      let fitted: [Double]
    }
    struct Worth: Decodable {
      let labels: [Double]
      let control: [Double]
      let accuracy: Double
      let below: Bool
      let above: Bool
      let needed: Double?
    }
    let isotonic: Group<Isotonic>
    let labelWorths: Group<Worth>
  }
  private let golden: Golden

  init() throws { golden = try NumericChecks.Golden.load(Golden.self, from: "statistics") }

  @Test("isotonic regression is SciPy's and scikit-learn's")
  func isotonic() {
    #expect(golden.isotonic.cases.count == 6)
    for known in golden.isotonic.cases {
      #expect(mismatch(IsotonicRegression.nonDecreasing(known.values), known.fitted, within: 1e-12) == nil)
    }
    #expect(IsotonicRegression.nonDecreasing([]).isEmpty)
  }

  @Test("the labels for an accuracy are NumPy's interpolation over log(labels)")
  func needed() {
    #expect(golden.labelWorths.cases.count == 20)
    for known in golden.labelWorths.cases {
      let curve = curve(known.labels, known.control.map { [$0] })
      switch curve.labels(reaching: known.accuracy) {
      case .labels(let found):
        #expect(mismatch([found], [known.needed ?? .nan], within: 1e-12) == nil, "\(known.accuracy)")
      case .fewerThan(let first): #expect(known.below && first == known.labels.first)
      case .moreThan(let last): #expect(known.above && last == known.labels.last)
      }
    }
  }

  @Test("where pooling makes the curve flat, the fewest labels that reach it")
  func flat() {
    #expect(curve([1, 10, 100], [[50], [70], [60]]).labels(reaching: 65) == .labels(10))
    // By the means: one seed that falls pools nothing.
    #expect(curve([1, 10, 100], [[40, 60], [70, 70], [90, 60]]).labels(reaching: 75) == .labels(100))
  }

  private func curve(_ labels: [Double], _ values: [[Double]]) -> SampleEfficiency {
    SampleEfficiency(points: zip(labels, values).map { SampleEfficiency.Point(labelsPerClass: $0, values: $1) })
  }
}
