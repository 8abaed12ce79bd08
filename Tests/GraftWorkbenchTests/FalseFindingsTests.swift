import GraftStatistics
import GraftWorkbench
import Testing

/// What the statistics promise, tried out on answers whose truth is known.
@Suite("False and true findings")
struct FalseFindingsTests {
  private static let eases: [Double] = [4, 8, 14, 20]

  /// A table of four comparisons, and what is declared of each.
  private func declared(seed: UInt64, gain: Double, seeds: Int = 10) -> [Verdict] {
    let comparisons = Self.eases.enumerated().map { index, ease in
      var world = SimulatedAnswers(ease: ease, seeds: seeds, stream: SimulatedAnswers.stream(seed, index + 1))
      return MethodComparison(
        answers: world.answers(gain: gain), control: world.answers(), labels: SimulatedAnswers.labels)
    }
    return JudgedComparison.family(comparisons, margin: 0.5).map(\.verdict)
  }

  @Test("a table in which a method is compared with itself declares a difference in at most one of twenty cases")
  func falseFindings() {
    let tables = (0..<200).map { declared(seed: UInt64($0), gain: 0) }
    #expect(tables.filter { $0.contains(where: \.isDifference) }.count <= 10)
  }

  @Test("a difference of two points is found nearly always, with its sign", arguments: [0.02, -0.02])
  func power(gain: Double) {
    let outcomes = (0..<25).flatMap { declared(seed: 1_000 + UInt64($0), gain: gain) }
    let right: Verdict = gain > 0 ? .helps : .hurts
    #expect(outcomes.filter { $0 == right }.count >= 95)
    #expect(!outcomes.contains(gain > 0 ? .hurts : .helps))
  }

  @Test("one seed finds nothing of a method, however far its two models are apart", arguments: [0.02, 0.1])
  func oneSeed(gain: Double) {
    #expect(declared(seed: 3, gain: gain, seeds: 1).allSatisfy { $0 == .oneSeed })
  }
}
