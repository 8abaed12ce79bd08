import GraftStatistics
import GraftTraining
import GraftWorkbench
import NumericChecks
import Testing

@Suite("Student's paired t-test")
struct PairedTestTests {
  private struct Golden: Decodable {
    struct Group: Decodable { let cases: [Case] }
    struct Case: Decodable {
      let name: String
      let first: [Double]
      let second: [Double]
      let t: Double
      let p: Double
    }
    let pairedTTests: Group
  }

  @Test("t and p are SciPy's, however small p is")
  func golden() throws {
    let cases = try NumericChecks.Golden.load(Golden.self, from: "statistics").pairedTTests.cases
    #expect(cases.count == 8 && cases.contains { $0.p < 1e-60 })
    for known in cases {
      let test = PairedTest(Sample(known.first), Sample(known.second))
      #expect(mismatch([test.t ?? .nan], [known.t], within: 1e-10) == nil, "\(known.name)")
      #expect(mismatch([test.pValue ?? .nan], [known.p], within: 1e-8, floor: 0) == nil, "\(known.name)")
      let reversed = PairedTest(Sample(known.second), Sample(known.first))
      #expect(reversed.pValue == test.pValue && reversed.t == test.t.map { -$0 })
    }
  }

  @Test("p is below 0.05 exactly where the 95 % interval of the mean difference leaves zero out")
  func duality() {
    for shift in stride(from: -1.0, through: 1, by: 0.01) {
      let differences = Sample([0.3, -0.4, 0.1, 0.25, -0.2].map { $0 + shift })
      let excludesZero = differences.meanInterval().map { !$0.contains(0) }
      #expect(PairedTest(differences: differences).pValue.map { $0 < 0.05 } == excludesZero)
    }
  }

  @Test("equal differences: no difference at all has p = 1, the same one everywhere p = 0")
  func equalDifferences() {
    #expect(PairedTest(Sample([98, 97]), Sample([98, 97])).pValue == 1)
    #expect(PairedTest(differences: Sample([0, 0, 0])).t == 0)
    #expect(PairedTest(differences: Sample(Array(repeating: 0.1, count: 10))).pValue == 0)
    #expect(PairedTest(differences: Sample(Array(repeating: -0.1, count: 10))).t == -.infinity)
  }

  @Test("fewer than two pairs say nothing")
  func few() {
    #expect(PairedTest(Sample([1]), Sample([2])).pValue == nil && PairedTest(Sample([1]), Sample([2])).t == nil)
    #expect(PairedTest(Sample([]), Sample([])).pValue == nil)
  }
}
