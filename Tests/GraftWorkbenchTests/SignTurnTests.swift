import GraftStatistics
import GraftWorkbench
import Testing

@Suite("Where a gain turns")
struct SignTurnTests {
  private func turn(_ points: [(Double, Double, Verdict)]) -> SignTurn {
    SignTurn(points.map { SignTurn.Point(labelsPerClass: $0.0, gain: $0.1, outcome: $0.2) })
  }

  @Test("between neighbours the line over log(labels) passes zero")
  func neighbours() throws {
    let found = turn([(1, 5, .helps), (10, 2, .helps), (1000, -2, .hurts)])
    guard case .turns(let known) = found else {
      Issue.record("\(found)")
      return
    }
    #expect(known.before == .helps && known.last == 10 && known.first == 1000 && !known.hasTiesBetween)
    #expect(abs(known.labelsPerClass - 100) < 1e-10)
    #expect(found.words == "helps up to 10 labels per class and hurts from 1,000 on; the sign turns near 100")
  }

  @Test("ties between leave it open where")
  func ties() throws {
    let found = turn([
      (1, 0.1, .notShown), (10, 2, .helps), (50, 0.2, .notShown), (100, -1, .hurts), (200, -0.1, .notShown),
    ])
    guard case .turns(let known) = found else {
      Issue.record("\(found)")
      return
    }
    #expect(known.hasTiesBetween && known.last == 10 && known.first == 100)
    #expect(found.words == "helps up to 10 labels per class and hurts from 100 on; the sign turns between the two")
  }

  @Test("it may also hurt first")
  func hurtsFirst() {
    let found = turn([(1, -3, .hurts), (8, 3, .helps)])
    #expect(found.words == "hurts up to 1 label per class and helps from 8 on; the sign turns near 2.8")
  }

  @Test("and need not turn at all, or more than once")
  func others() {
    #expect(turn([]) == .neverShown && turn([(1, 0.3, .notShown), (2, -0.3, .notShown)]) == .neverShown)
    #expect(turn([(1, 0.3, .notShown)]).words == "no difference is shown at any number of labels")
    let helps = turn([(1, -1, .notShown), (2, 1, .helps), (3, 1, .notShown), (4, 2, .helps)])
    #expect(helps == .helpsThroughout(from: 2, to: 4))
    #expect(helps.words == "helps wherever a difference is shown, from 2 to 4 labels per class")
    let hurts = turn([(0.5, -1, .hurts), (2, -1, .notShown)])
    #expect(hurts == .hurtsThroughout(from: 0.5, to: 0.5))
    #expect(hurts.words == "hurts at 0.5 labels per class, and nothing else is shown")
    let often = turn([(1, 1, .helps), (4, -1, .hurts), (16, 1, .helps)])
    guard case .turnsRepeatedly(let turns) = often else {
      Issue.record("\(often)")
      return
    }
    #expect(turns.map { $0.labelsPerClass.rounded() } == [2, 8] && turns.map(\.before) == [.helps, .hurts])
    #expect(often.words.contains("; then hurts up to 4 labels per class and helps from 16 on"))
  }
}
