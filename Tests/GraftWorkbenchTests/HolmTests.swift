import GraftStatistics
import GraftWorkbench
import NumericChecks
import Testing

@Suite("Holm's correction")
struct HolmTests {
  private struct Golden: Decodable {
    struct Group: Decodable { let cases: [Case] }
    struct Case: Decodable {
      let p: [Double]
      let adjusted: [Double]
    }
    let holm: Group
  }

  @Test("gives the known values, in the order of the tests")
  func golden() throws {
    let cases = try NumericChecks.Golden.load(Golden.self, from: "statistics").holm.cases
    #expect(cases.count > 3)
    for known in cases { #expect(mismatch(Holm.adjusted(known.p), known.adjusted, within: 1e-12) == nil) }
  }
}
