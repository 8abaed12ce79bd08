import GraftStatistics
import GraftTraining
import GraftWorkbench
import NumericChecks
import Testing

@Suite("A method against its control")
struct MethodComparisonTests {
  private struct Golden: Decodable {
    struct Group: Decodable { let cases: [Case] }
    struct Case: Decodable {
      let name: String
      let labels: [Int]
      let answers: [[Int]]
      let control: [[Int]]
      let accuracy: [Double]
      let controlAccuracy: [Double]
      let gain: [Double]
      let p: Double
      let pBoth: Double
      let low: Double?
      let high: Double?
      let imageLow: Double
      let imageHigh: Double
      let imageError: Double
      let mcnemar: [Double]
      let wins: Int
      let losses: Int
    }
    let methodComparisons: Group
  }

  @Test("everything is SciPy's and statsmodels'")
  func golden() throws {
    let cases = try NumericChecks.Golden.load(Golden.self, from: "statistics").methodComparisons.cases
    #expect(cases.count == 3)
    for known in cases {
      let found = MethodComparison(answers: known.answers, control: known.control, labels: known.labels)
      let name = Comment(rawValue: known.name)
      #expect(found.images == known.labels.count && found.seeds == known.answers.count)
      #expect(mismatch(found.accuracy.values, known.accuracy, within: 1e-12) == nil, name)
      #expect(mismatch(found.control.values, known.controlAccuracy, within: 1e-12) == nil, name)
      #expect(mismatch(found.gain.values, known.gain, within: 1e-12) == nil, name)
      #expect(mismatch([found.test?.pOverSeeds ?? found.pValue], [known.p], within: 1e-8, floor: 0) == nil, name)
      #expect(mismatch([found.test?.pOverBoth ?? found.pValue], [known.pBoth], within: 1e-8, floor: 0) == nil, name)
      #expect(mismatch(found.tests.map(\.pValue), known.mcnemar, within: 1e-10, floor: 0) == nil, name)
      #expect(found.pValue == max(found.test?.pOverSeeds ?? 0, found.test?.pOverBoth ?? found.pValue), name)
      if let low = known.low, let high = known.high {
        // The interval over seeds and images is never shorter than that over seeds alone.
        #expect(found.interval.low <= low + 1e-9 && found.interval.high >= high - 1e-9, name)
      } else {
        let tolerance = 0.3 * known.imageError + 100 / Double(known.labels.count)
        #expect(abs(found.interval.low - known.imageLow) < tolerance, name)
        #expect(abs(found.interval.high - known.imageHigh) < tolerance, name)
      }
    }
  }

  /// Answers of both over `seeds` seeds that are right on the first `right` images of 200.
  private func comparison(_ right: [Int], _ control: [Int]) -> MethodComparison {
    func answers(_ right: Int) -> [Int] { (0..<200).map { $0 < right ? 3 : 4 } }
    return MethodComparison(
      answers: right.map(answers), control: control.map(answers), labels: [Int](repeating: 3, count: 200))
  }

  private func judged(_ comparison: MethodComparison) -> JudgedComparison {
    JudgedComparison.family([comparison], margin: 0.5)[0]
  }

  @Test("it helps or hurts only if both seeds and images say so")
  func verdicts() {
    #expect(judged(comparison([190, 188, 191], [170, 171, 169])).verdict == .helps)
    #expect(judged(comparison([170, 171, 169], [190, 188, 191])).verdict == .hurts)
    // All seeds agree, on two images of 200: other test images need not.
    let few = comparison([182, 182, 182], [180, 180, 180])
    #expect(few.test?.pOverSeeds == 0 && few.interval.contains(0) && few.pValue > 0.05)
    #expect(judged(few).verdict == .notShown)
    #expect(comparison([180, 190], [180, 190]).pValue == 1)
  }

  @Test("a verdict's own interval leaves out zero exactly if its uncorrected p is below 0.05")
  func intervals() {
    for shift in 0..<12 {
      let own = comparison([180 + shift, 181 + 2 * shift, 179], [180, 178, 176])
      #expect(own.interval.contains(0) == (own.pValue >= 0.05), "\(shift)")
    }
  }

  @Test("the same answers are equal; different ones on few images are not shown to be")
  func equality() {
    let same = [Int](repeating: 1, count: 4_000)
    let other = same.enumerated().map { index, label in index % 2_000 == 0 ? 2 : label }
    let near = MethodComparison(answers: [same, same, other], control: [same, other, same], labels: same)
    #expect(judged(near).verdict == .equal)
    #expect(JudgedComparison.family([near], margin: 0.01)[0].verdict == .notShown)
    #expect(judged(comparison([180, 190, 185], [181, 188, 186])).verdict == .notShown)
  }

  @Test("with one seed p is McNemar's, and nothing is said of the methods")
  func oneSeed() {
    let one = comparison([190], [170])
    #expect(one.pValue == McNemar(firstOnly: 20, secondOnly: 0).pValue && one.test == nil)
    #expect(judged(one).verdict == .oneSeed && judged(one).detectable == nil)
    let bounds = one.interval
    #expect(
      judged(one).words
        == "these two models differ: +10.00 points (95 % +\(text(bounds.low)) to +\(text(bounds.high)) over test images; "
        + "exact McNemar p < 0.0001; one seed says nothing of the methods)")
  }

  private func text(_ points: Double) -> String {
    let hundredths = String(Int((points * 100).rounded()))
    return "\(hundredths.dropLast(2)).\(hundredths.suffix(2))"
  }

  @Test("in words")
  func words() {
    let open = judged(comparison([190, 188, 172], [170, 171, 169])).words
    #expect(open.hasPrefix("not shown: +6.67 points (95 % -"))
    #expect(open.contains("; eight of ten such studies would have shown "))
    let better = judged(comparison([190, 188, 189], [170, 171, 169])).words
    #expect(better.hasPrefix("helps: +9.50 points (95 % +") && better.hasSuffix("; better in 3 of 3 seeds)"))
    let worse = judged(comparison([170, 171, 169], [190, 188, 189])).words
    #expect(worse.hasPrefix("hurts: -9.50 points") && worse.hasSuffix("worse in 3 of 3 seeds)"))
  }
}
