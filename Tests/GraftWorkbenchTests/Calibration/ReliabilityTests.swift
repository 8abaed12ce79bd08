import Foundation
import GraftMatrices
import GraftStatistics
import GraftWorkbench
import NumericChecks
import Testing

@Suite struct ReliabilityTests {
  @Test("counts and errors are NumPy's")
  func golden() throws {
    let golden = try CalibrationGolden.load()
    #expect(golden.cases.count == 10)
    for known in golden.cases {
      for counts in known.reliabilities {
        let found = Reliability(logits: Matrix(known.logits), labels: known.labels, temperature: counts.temperature)
        #expect(found.bins.map(\.images) == counts.images, "\(known.name)")
        #expect(found.bins.map(\.correct) == counts.correct, "\(known.name)")
        #expect(mismatch(found.bins.map(\.confidence), counts.confidences, within: 1e-9) == nil, "\(known.name)")
        let figures = [
          found.expectedCalibrationError, found.maximumCalibrationError, found.correctShare, found.meanConfidence,
          found.meanLoss,
        ]
        let expected = [counts.ece, counts.mce, counts.accuracy, counts.confidence, counts.loss]
        #expect(mismatch(figures, expected, within: 1e-9) == nil, "\(known.name)")
      }
    }
  }

  @Test("by hand: a sure and wrong answer and two doubtful ones")
  func byHand() {
    let logits = Matrix([[0, 100], [0, 0], [Float(log(3.0)), 0]])
    let found = Reliability(logits: logits, labels: [0, 0, 0])
    #expect(found.bins.map(\.images) == [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1])
    #expect(found.images == 3 && found.correct == 2 && found.bins[14].correct == 0)
    #expect(abs(found.expectedCalibrationError - (1 + 0.5 + 0.25) / 3) < 1e-7)
    #expect(abs(found.maximumCalibrationError - 1) < 1e-12)
    #expect(abs(found.meanConfidence - 0.75) < 1e-7)
    #expect(abs(found.meanLoss - (100 + log(2.0) + log(4.0 / 3)) / 3) < 1e-7)
    #expect(
      found.bins[0].correctShare == nil && found.bins[0].meanConfidence == nil && found.bins[14].correctShare == 0)
  }

  @Test("a bin holds its upper end and not its lower one")
  func ends() {
    #expect(Reliability.bin(of: 1) == 14 && Reliability.bin(of: 0) == 0)
    #expect(Reliability.bin(of: 0.2) == 2 && Reliability.bin(of: 0.2.nextUp) == 3)
    #expect(Reliability.bin(of: 1.0.nextUp) == 14)
  }

  @Test("no images: no error")
  func empty() {
    let none = Reliability(logits: Matrix(rows: 0, columns: 4), labels: [])
    #expect(none == Reliability() && none.images == 0)
    #expect(none.expectedCalibrationError == 0 && none.maximumCalibrationError == 0)
    #expect(none.correctShare == 0 && none.meanConfidence == 0 && none.meanLoss == 0)
  }

  @Test("counts of parts add up to those of the whole")
  func merging() {
    let whole = SimulatedLogits(300, seed: 1)
    let rows = whole.logits.nested
    let parts = [0..<100, 100..<101, 101..<300].map {
      Reliability(logits: Matrix(Array(rows[$0])), labels: Array(whole.labels[$0]))
    }
    let sum = parts.reduce(Reliability(), +)
    let all = Reliability(logits: whole.logits, labels: whole.labels)
    #expect(sum.bins.map(\.images) == all.bins.map(\.images) && sum.correct == all.correct)
    #expect(abs(sum.expectedCalibrationError - all.expectedCalibrationError) < 1e-12)
    #expect(abs(sum.meanLoss - all.meanLoss) < 1e-12)
  }

  @Test("a model that knows the probabilities has a small error, one that is too sure a large one")
  func simulation() {
    let honest = SimulatedLogits(20_000, seed: 2)
    let found = Reliability(logits: honest.logits, labels: honest.labels)
    #expect(found.expectedCalibrationError < 0.015)
    #expect(abs(found.correctShare - found.meanConfidence) < 0.012)
    let tooSure = Reliability(logits: honest.logits, labels: honest.labels, temperature: 1.0 / 3)
    #expect(tooSure.correctShare == found.correctShare && tooSure.expectedCalibrationError > 0.15)
  }

  @Test("huge logits neither overflow nor lose the loss of a sure answer")
  func huge() {
    let found = Reliability(logits: Matrix([[1e4, -1e4], [-1e4, 1e4]]), labels: [0, 0])
    #expect(found.meanConfidence == 1 && found.correctShare == 0.5 && found.meanLoss == 10_000)
    #expect(found.expectedCalibrationError == 0.5)
    let sure = Reliability(logits: Matrix([[40, 0]]), labels: [0])
    #expect(sure.meanConfidence == 1 && abs(sure.meanLoss / exp(-40) - 1) < 1e-9)
  }

  @Test("logits that give no probabilities count as knowing nothing", arguments: [Float.nan, .infinity])
  func notFinite(value: Float) {
    let found = Reliability(logits: Matrix([[1, value, 0], [5, 0, 0]]), labels: [0, 0])
    #expect(found.images == 2 && found.bins[4].images == 1 && found.meanLoss == .infinity)
    #expect(found.bins[4].confidence == 1.0 / 3)
    // Minus infinity is a probability of 0.
    let impossible = Reliability(logits: Matrix([[0, -.infinity]]), labels: [0])
    #expect(impossible.meanConfidence == 1 && impossible.meanLoss == 0)
  }
}
