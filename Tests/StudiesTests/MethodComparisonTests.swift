import NumericChecks
import Studies
import Testing
import Training

@Suite("A method against its control")
struct MethodComparisonTests {
  private struct Golden: Decodable {
    struct Group: Decodable { let cases: [Case] }
    struct Case: Decodable {
      let name: String
      let labels: [UInt8]
      let answers: [[UInt8]]
      let control: [[UInt8]]
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
      #expect(mismatch([found.pOverSeeds ?? found.pValue], [known.p], within: 1e-8, floor: 0) == nil, name)
      #expect(mismatch([found.pValue], [known.pBoth], within: 1e-8, floor: 0) == nil, name)
      #expect(mismatch(found.tests.map(\.pValue), known.mcnemar, within: 1e-10, floor: 0) == nil, name)
      let seeds = [found.overSeeds?.low, found.overSeeds?.high].compactMap { $0 }
      #expect(mismatch(seeds, [known.low, known.high].compactMap { $0 }, within: 1e-9) == nil, name)
      let tolerance = 0.3 * known.imageError + 100 / Double(known.labels.count * known.answers.count)
      #expect(abs(found.overImages.low - known.imageLow) < tolerance, name)
      #expect(abs(found.overImages.high - known.imageHigh) < tolerance, name)
      #expect(found.record == (known.wins, found.seeds - known.wins - known.losses, known.losses), name)
    }
  }

  /// Answers of both over `seeds` seeds that are right on the first `right` images of 200.
  private func comparison(_ right: [Int], _ control: [Int]) -> MethodComparison {
    func answers(_ right: Int) -> [UInt8] { (0..<200).map { $0 < right ? 3 : 4 } }
    return MethodComparison(
      answers: right.map(answers), control: control.map(answers), labels: [UInt8](repeating: 3, count: 200))
  }

  @Test("it helps or hurts only where both seeds and images say so")
  func verdicts() {
    let better = comparison([190, 188, 191], [170, 171, 169])
    #expect(better.verdict(adjustedP: 0.049) == .helps && better.verdict(adjustedP: 0.05) == .tie)
    #expect(comparison([170, 171, 169], [190, 188, 191]).verdict(adjustedP: 0.01) == .hurts)
    // All seeds agree, on two images of 200: other test images need not.
    let few = comparison([182, 182, 182], [180, 180, 180])
    #expect(few.pOverSeeds == 0 && few.overImages.contains(0) && few.pValue > 0.05)
    #expect(comparison([180, 190], [180, 190]).verdict(adjustedP: 1) == .tie)
    #expect(comparison([180, 190], [180, 190]).pValue == 1)
  }

  @Test("with one seed p is McNemar's, and nothing is said of seeds")
  func oneSeed() {
    let one = comparison([190], [170])
    #expect(one.pValue == McNemar(firstOnly: 20, secondOnly: 0).pValue && one.overSeeds == nil)
    #expect(one.verdict(adjustedP: one.pValue) == .helps)
    let bounds = one.overImages
    #expect(
      one.words(adjustedP: one.pValue)
        == "helps: +10.00 points (95 % over images +\(text(bounds.low)) to +\(text(bounds.high)); "
        + "p < 0.0001 after Holm; one seed; another may differ)")
  }

  private func text(_ points: Double) -> String {
    let hundredths = String(Int((points * 100).rounded()))
    return "\(hundredths.dropLast(2)).\(hundredths.suffix(2))"
  }

  @Test("in words")
  func words() {
    let better = comparison([190, 188, 172], [170, 171, 169])
    #expect(
      better.words(adjustedP: 0.1).hasPrefix("tie: +6.67 points (95 % over seeds -4.60 to +17.94, over images +"))
    #expect(
      better.words(adjustedP: 0.1).hasSuffix("; p = 0.1000 after Holm; better in 3 of 3 seeds, significantly in 2)"))
    let worse = comparison([170, 171, 170], [190, 188, 169])
    #expect(worse.words(adjustedP: 0.03).hasPrefix("hurts: -6.00 points"))
    #expect(worse.words(adjustedP: 0.03).hasSuffix("worse in 2 of 3 seeds, significantly in 2)"))
  }
}
