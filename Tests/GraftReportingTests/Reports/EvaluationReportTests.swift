import GraftDocuments
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftReporting
import GraftTraining
import Testing

@Suite("The report of an evaluation")
struct EvaluationReportTests {
  /// The report on answers of which each is sure of itself.
  private func report(_ counts: [[Int]]) -> EvaluationReport {
    var (logits, labels): ([[Float]], [Int]) = ([], [])
    for (label, row) in counts.enumerated() {
      for (answer, count) in row.enumerated() {
        labels += Array(repeating: label, count: count)
        logits += Array(repeating: row.indices.map { $0 == answer ? 4 : 0 }, count: count)
      }
    }
    let outputs = ClassOutputs(.compact, choosing: Array(counts.indices), of: counts.indices.map { "class \($0)" })
    return EvaluationReport(Evaluation(logits: Matrix(logits), labels: labels), outputs: outputs)
  }

  @Test("balanced accuracy and macro F1 stand below the accuracy if classes differ in size")
  func imbalanced() {
    let text = report([[18, 2], [1, 3]]).document.terminal()
    let lines = text.split(separator: "\n")
    #expect(lines.first?.hasPrefix("Accuracy 87.50 % of 24 images") == true, "\(text)")
    #expect(lines.dropFirst().first == "Balanced accuracy 82.50 %, macro F1 0.7949", "\(text)")
  }

  @Test("classes of about the same size need no such line, and JSON has both in any case")
  func json() throws {
    let even = report([[9, 1], [2, 8]])
    #expect(!even.document.terminal().contains("Balanced accuracy"))
    try check(even.json, accuracy: 85, f1: (6.0 / 7 + 16.0 / 19) / 2)
    let rare = report([[18, 2], [1, 3]]).json
    #expect(rare["accuracy"]?.double == 87.5)
    try check(rare, accuracy: 82.5, f1: (12.0 / 13 + 2.0 / 3) / 2)
  }

  private func check(_ json: JSON, accuracy: Double, f1: Double) throws {
    let found = (try #require(json["balanced_accuracy"]?.double), try #require(json["macro_f1"]?.double))
    #expect(abs(found.0 - accuracy) < 1e-12)
    #expect(abs(found.1 - f1) < 1e-12)
  }
}
