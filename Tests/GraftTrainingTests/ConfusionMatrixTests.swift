import GraftTraining
import NumericChecks
import Testing

@Suite struct ConfusionMatrixTests {
  /// Class 3 never occurs; class 2 is never answered.
  private let matrix = ConfusionMatrix(counts: [[5, 1, 0, 0], [2, 7, 0, 0], [1, 3, 0, 0], [0, 0, 0, 0]])

  @Test("counts, hits and accuracy")
  func totals() {
    #expect(matrix.classCount == 4 && matrix.count == 19 && matrix.correct == 12)
    #expect(matrix.accuracy == Tally(correct: 12, images: 19))
    #expect(ConfusionMatrix(counts: [[9000, 20], [7, 973]]).accuracy.percent == 99.73)
    #expect(ConfusionMatrix(classCount: 3).accuracy.percent == 0)
    #expect(ConfusionMatrix(classCount: 3).accuracy.images == 0)
    #expect(matrix.occurring == [0, 1, 2])
  }

  @Test("recording counts a pair")
  func record() {
    var recorded = ConfusionMatrix(classCount: 4)
    for (label, row) in matrix.counts.enumerated() {
      for (answer, count) in row.enumerated() {
        for _ in 0..<count { recorded.record(true: label, predicted: answer) }
      }
    }
    #expect(recorded == matrix)
  }

  @Test("a part keeps the rows and columns asked for, in that order")
  func restricted() {
    #expect(matrix.restricted(to: [1, 0]) == ConfusionMatrix(counts: [[7, 2], [1, 5]]))
  }

  @Test("one class against all others")
  func metrics() {
    let first = matrix.metrics(of: 0)
    #expect(
      first.truePositives == 5 && first.falsePositives == 3 && first.falseNegatives == 1 && first.trueNegatives == 10)
    #expect(first.precision == 5.0 / 8 && first.recall == 5.0 / 6 && first.f1 == 10.0 / 14)
    let unanswered = matrix.metrics(of: 2)
    #expect(unanswered.precision == nil && unanswered.recall == 0 && unanswered.f1 == 0)
    let absent = matrix.metrics(of: 3)
    #expect(absent.precision == nil && absent.recall == nil && absent.f1 == nil && absent.trueNegatives == 19)
  }

  private struct MacroGolden: Decodable {
    struct Case: Decodable {
      let name: String
      let counts: [[Int]]
      let precision, recall, f1: Double
    }
    let cases: [Case]
  }

  @Test("means over classes are scikit-learn's with an undefined precision counted as 0")
  func macroGolden() throws {
    let golden = try Golden.load(MacroGolden.self, from: "macro")
    #expect(golden.cases.count == 5)
    for example in golden.cases {
      let matrix = ConfusionMatrix(counts: example.counts)
      for (measure, expected) in [
        (\ClassMetrics.precision, example.precision), (\.recall, example.recall), (\.f1, example.f1),
      ] {
        let mean = try #require(matrix.macro { $0[keyPath: measure] })
        #expect(abs(mean - expected) < 1e-12, "\(example.name): \(mean), not \(expected)")
      }
    }
  }

  @Test("all means are over the classes that have examples")
  func macro() throws {
    #expect(matrix.measured == [0, 1, 2])
    let precision = try #require(matrix.macro(\.precision))
    #expect(abs(precision - (5.0 / 8 + 7.0 / 11 + 0) / 3) < 1e-15)
    let recall = try #require(matrix.macro(\.recall))
    #expect(abs(recall - (5.0 / 6 + 7.0 / 9 + 0) / 3) < 1e-15)
    #expect(ConfusionMatrix(classCount: 2).macro(\.f1) == nil)
  }

  @Test("the commonest errors come first, of equals the first in the matrix")
  func mostConfused() {
    let matrix = ConfusionMatrix(counts: [[9, 2, 4], [4, 9, 0], [1, 2, 9]])
    let pairs = matrix.mostConfused(4).map { [$0.actual, $0.predicted, $0.count] }
    #expect(pairs == [[0, 2, 4], [1, 0, 4], [0, 1, 2], [2, 1, 2]])
    #expect(matrix.mostConfused(99).count == 5 && matrix.mostConfused(0).isEmpty)
  }
}
