import Matrices
import NumericChecks
import Studies
import Testing

@Suite("Accuracy over labels, and what a method is worth in labels")
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
  }

  private func curve(_ labels: [Double], _ values: [[Double]]) -> SampleEfficiency {
    SampleEfficiency(points: zip(labels, values).map { SampleEfficiency.Point(labelsPerClass: $0, values: $1) })
  }

  private let amounts: [Double] = [1, 10, 100]
  private var control: SampleEfficiency { curve(amounts, [[40, 42], [80, 82], [90, 92]]) }

  @Test("a method is worth the labels that its control would need")
  func worth() throws {
    let method = curve(amounts, [[30, 32], [85, 87], [95, 97]])
    let middle = try #require(LabelWorth(of: method, at: 10, control: control))
    #expect(middle.accuracy == 86)
    // Seeds are as far apart for both, so every resample says the same: half way from 10 to 100 on the log scale.
    for amount in [middle.factor, middle.factorInterval?.low, middle.factorInterval?.high] {
      guard case .labels(let factor) = amount else {
        Issue.record("\(String(describing: amount))")
        continue
      }
      #expect(abs(factor - 10.0.squareRoot()) < 1e-9)
    }
    #expect(middle.words == "worth 3.2 times the labels at 10 per class (95 % 3.2)")
    let most = try #require(LabelWorth(of: method, at: 100, control: control))
    #expect(
      most.needed == .moreThan(100)
        && most.words == "worth more than 1.0 times the labels at 100 per class (95 % more than 1.0)")
    let least = try #require(LabelWorth(of: method, at: 1, control: control))
    #expect(
      least.needed == .fewerThan(1)
        && least.words == "worth less than 1.0 times the labels at 1 per class (95 % less than 1.0)")
    #expect(LabelWorth(of: method, at: 5, control: control) == nil)
  }

  @Test("a method is worth its own labels, no more and no less")
  func itself() throws {
    for amount in amounts {
      let worth = try #require(LabelWorth(of: control, at: amount, control: control))
      #expect(worth.factor == .labels(1))
      #expect(worth.factorInterval == LabelWorth.Ends(low: .labels(1), high: .labels(1)))
    }
  }

  @Test("the interval's ends may lie beyond the curve, and one seed has none")
  func openEnds() throws {
    let control = curve(amounts, [[40, 41, 42, 43], [80, 80, 81, 80], [90, 91, 92, 90]])
    let spread = try #require(LabelWorth(of: curve([10], [[84, 86, 98, 83]]), at: 10, control: control))
    #expect(!spread.factor.isOpen)
    let interval = try #require(spread.factorInterval)
    #expect(!interval.low.isOpen && interval.high == .moreThan(10))
    #expect(spread.words.hasSuffix(" to more than 10.0)"))
    let low = try #require(LabelWorth(of: curve([10], [[20, 46, 50, 60]]), at: 10, control: control))
    #expect(low.factorInterval?.low == .fewerThan(0.1))
    #expect(low.words.contains("(95 % less than 0.10 to "))
    let one = try #require(LabelWorth(of: curve([10], [[86]]), at: 10, control: curve([1, 10], [[40], [90]])))
    #expect(one.factorInterval == nil && one.words == "worth 0.83 times the labels at 10 per class")
  }

  @Test("the interval over ten seeds covers a known worth about nine times of ten")
  func coverage() throws {
    var covered = 0
    for repetition in 0..<200 {
      var noise = SimulatedAnswers.stream(UInt64(repetition), 0)
      func values(_ mean: Double) -> [Double] { (0..<10).map { _ in mean + Double(noise.normal()) } }
      let control = curve(amounts, [values(40), values(80), values(90)])
      let interval = try #require(LabelWorth(of: curve([10], [values(85)]), at: 10, control: control)?.factorInterval)
      let truth = 10.0.squareRoot()
      if case .labels(let low) = interval.low, case .labels(let high) = interval.high, low <= truth, truth <= high {
        covered += 1
      }
    }
    // The percentile interval of ten values is somewhat short: 1,795 of 2,000.
    #expect(covered >= 170 && covered <= 198, "\(covered) of 200")
  }
}
