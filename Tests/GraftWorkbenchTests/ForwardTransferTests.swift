import GraftStatistics
import GraftTraining
import GraftWorkbench
import Testing

@Suite struct ForwardTransferTests {
  private func points(_ values: [(Int, Int)]) -> [TrialOutcome.Point] {
    values.map { TrialOutcome.Point(epoch: $0.0, seconds: 0, trainLoss: nil, correct: $0.1) }
  }

  private func outcome(_ values: [(Int, Int)]) -> TrialOutcome {
    TrialOutcome(
      answers: Array(repeating: 0, count: 100), correct: values.last?.1 ?? 0, loss: 0, history: points(values),
      choices: [], seconds: 0, choosingSeconds: 0, checkpointDigest: nil)
  }

  @Test("by hand: the share of the control's missing area that transfer fills")
  func byHand() throws {
    // Areas over 1...5: (60 + 80)/2 · 2 + 80 · 2 = 300 of 400; (20 + 60)/2 · 4 = 160 of 400.
    let found = try #require(
      ForwardTransfer(outcome([(1, 60), (3, 80), (5, 80)]), control: outcome([(1, 20), (5, 60)])))
    #expect(found.epochs == 1...5)
    #expect(abs(found.area - 0.75) < 1e-12 && abs(found.controlArea - 0.4) < 1e-12)
    #expect(abs(found.value - 0.35 / 0.6) < 1e-12)
  }

  @Test("only epochs that both measured count, cut from the lines between points")
  func sharedRange() throws {
    // Over 2...6. Transferred: 0:0, 4:80, 8:80, so 40 at 2: (40 + 80)/2 · 2 + 80 · 2 = 280 of 400.
    // Control: 2:10, 6:50: 30 on average.
    let transferred = points([(0, 0), (4, 80), (8, 80)])
    let found = try #require(ForwardTransfer(transferred, control: points([(2, 10), (6, 50)]), images: 100))
    #expect(found.epochs == 2...6)
    #expect(abs(found.area - 0.7) < 1e-12 && abs(found.controlArea - 0.3) < 1e-12)
    #expect(abs(found.value - 0.4 / 0.7) < 1e-12)
    // A range inside one line: 3...4 of 0:0, 10:100.
    let inside = try #require(
      ForwardTransfer(points([(0, 0), (10, 100)]), control: points([(3, 20), (4, 20)]), images: 100))
    #expect(abs(inside.area - 0.35) < 1e-12)
  }

  @Test("equal curves transfer nothing, worse ones less than nothing")
  func signs() throws {
    let control = outcome([(1, 50), (2, 70)])
    #expect(try #require(ForwardTransfer(control, control: control)).value == 0)
    // 20 against 60 of 100: -0.4 / 0.4.
    let found = try #require(ForwardTransfer(outcome([(1, 10), (2, 30)]), control: control))
    #expect(abs(found.value + 1) < 1e-12)
    #expect(try #require(ForwardTransfer(outcome([(1, 100), (2, 100)]), control: control)).value == 1)
  }

  @Test("no shared range, or a control that leaves nothing to learn: no value")
  func none() {
    let curve = outcome([(1, 50), (9, 70)])
    #expect(ForwardTransfer(outcome([(14, 90)]), control: curve) == nil)
    #expect(ForwardTransfer(curve, control: outcome([(5, 90)])) == nil)
    #expect(ForwardTransfer(outcome([]), control: curve) == nil)
    #expect(ForwardTransfer(curve, control: outcome([(9, 50), (12, 60)])) == nil, "a single epoch")
    #expect(ForwardTransfer(curve, control: outcome([(1, 100), (4, 100), (9, 100)])) == nil)
    #expect(ForwardTransfer(points([(1, 0), (2, 0)]), control: points([(1, 0), (2, 0)]), images: 0) == nil)
  }
}
