import GraftTraining
import NumericChecks
import Testing

private struct BalancedGolden: Decodable {
  struct Case: Decodable {
    let name: String
    let counts: [[Int]]
    let f1, balancedAccuracy, macroF1: Double
  }
  let cases: [Case]
}

@Suite("Measures that small classes count in as much as large ones")
struct BalancedMetricsTests {
  @Test("balanced accuracy and macro F1 are scikit-learn's")
  func agreesWithScikitLearn() throws {
    let golden = try Golden.load(BalancedGolden.self, from: "macro")
    #expect(golden.cases.count == 5)
    for example in golden.cases {
      let matrix = ConfusionMatrix(counts: example.counts)
      let accuracy = try #require(matrix.balancedAccuracy)
      #expect(abs(accuracy - example.balancedAccuracy) < 1e-12, "\(example.name)")
      let f1 = try #require(matrix.macroF1)
      #expect(abs(f1 - example.macroF1) < 1e-12, "\(example.name)")
    }
    // A class that only a stray answer named counts in the one and not in the other.
    #expect(golden.cases.contains { $0.macroF1 < 0.9 * $0.f1 })
  }

  @Test("a model that always gives the largest class is right at one of two classes")
  func majority() throws {
    let matrix = ConfusionMatrix(counts: [[90, 0], [10, 0]])
    #expect(matrix.accuracy.percent == 90 && matrix.balancedAccuracy == 0.5)
    let f1 = try #require(matrix.macroF1)
    #expect(abs(f1 - (180.0 / 190 + 0) / 2) < 1e-15)
  }

  @Test("without examples there is nothing to say")
  func empty() {
    let matrix = ConfusionMatrix(classCount: 3)
    #expect(matrix.balancedAccuracy == nil && matrix.macroF1 == nil && !matrix.isImbalanced)
  }

  @Test(
    "classes are imbalanced from one and a half times the smallest on, those without examples left out",
    arguments: [([10, 10], false), ([14, 10, 0], false), ([15, 10, 12], true), ([90, 10], true), ([7, 0], false)])
  func imbalance(sizes: [Int], isImbalanced: Bool) {
    let counts = sizes.indices.map { label in sizes.indices.map { $0 == 0 ? sizes[label] : 0 } }
    #expect(ConfusionMatrix(counts: counts).isImbalanced == isImbalanced)
  }
}
