import GraftFiles
import GraftReproduction
import GraftStatistics
import GraftWorkbench
import NumericChecks
import Testing

@Suite struct ReferenceRunsTests {
  struct Known: Sendable, CustomTestStringConvertible {
    let system: PaperSystem
    let even: (mean: Double, deviation: Double)
    let odd: (mean: Double, deviation: Double)
    var testDescription: String { system.rawValue }
  }

  static let known = [
    Known(system: .softmax, even: (96.11, 0.06), odd: (95.11, 0.04)),
    Known(system: .network, even: (98.53, 0.05), odd: (98.38, 0.06)),
    Known(system: .transfer, even: (98.08, 0.14), odd: (97.37, 0.18)),
    Known(system: .scratchMatched, even: (98.98, 0.12), odd: (98.81, 0.21)),
    Known(system: .randomFrozen, even: (97.15, 0.17), odd: (96.35, 0.19)),
  ]

  private let runs: ReferenceRuns

  init() throws { runs = try ReferenceRuns.load() }

  @Test("means and deviations are those of the PyTorch runs", arguments: known)
  func accuracies(known: Known) throws {
    for (half, values) in [(Half.even, known.even), (.odd, known.odd)] {
      let cell = try #require(runs[PaperTask(known.system, half)])
      #expect(cell.correct.count >= 20 && cell.accuracy.count == cell.correct.count)
      #expect(abs(cell.accuracy.mean - values.mean) < 0.01)
      #expect(abs((cell.accuracy.deviation ?? 0) - values.deviation) < 0.01)
      #expect((cell.pooled != nil) == (known.system == .transfer))
    }
  }

  @Test("pooled, a transfer counts its source's right answers of the same seed too")
  func pooled() throws {
    for (half, mean, deviation) in [(Half.even, 98.23, 0.08), (.odd, 97.94, 0.11)] {
      let cell = try #require(runs[PaperTask(.transfer, half)])
      let pooled = try #require(cell.pooled)
      #expect(pooled.count == cell.correct.count)
      #expect(abs(pooled.mean - mean) < 0.01 && abs((pooled.deviation ?? 0) - deviation) < 0.01)
      #expect(cell.sourceCorrect == runs[PaperTask(.network, half.other)]?.correct)
      let first = Double(cell.correct[0] + (cell.sourceCorrect?[0] ?? 0)) / 100
      #expect(abs(pooled.values[0] - first) < 1e-12)
    }
  }

  @Test("a broken file is named")
  func broken() throws {
    let json = try JSON(parsing: #"{"results":[{"system":"softmax","target":"middle","images":1,"correct":[1]}]}"#)
    #expect(
      errorText { try ReferenceRuns(json) } == "reference.json: a result lacks system, target, images or correct")
  }
}
