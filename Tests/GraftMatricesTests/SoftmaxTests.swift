import Foundation
import GraftMatrices
import NumericChecks
import Testing

@Suite struct SoftmaxTests {
  private func entropy(_ logits: [[Float]], _ labels: [Int], scale: Float = 1) -> (gradient: Matrix, losses: [Float]) {
    let matrix = Matrix(logits)
    var gradient = Matrix(rows: matrix.rows, columns: matrix.columns)
    // What an earlier, larger batch left behind must not show.
    for row in 0..<gradient.rows {
      for column in 0..<gradient.columns { gradient[row, column] = .nan }
    }
    var losses = [Float](repeating: .nan, count: logits.count)
    gradient.softmaxCrossEntropy(matrix, labels: labels[...], gradientScale: scale, losses: &losses)
    return (gradient, losses)
  }

  @Test(
    "loss, gradient and probabilities are those of Double arithmetic", arguments: [1, 2, 5, 10, 16, 17, 32, 33, 100])
  func agreesWithDouble(classes: Int) {
    let logits = randomMatrix(7, classes, seed: UInt64(classes)).map { $0.map { 8 * $0 } }
    let labels = (0..<7).map { $0 * 5 % classes }
    let (gradient, losses) = entropy(logits, labels, scale: 0.25)
    for row in 0..<7 {
      let powers = logits[row].map { exp(Double($0)) }
      let sum = powers.reduce(0, +)
      let probabilities = powers.map { $0 / sum }
      let expected = probabilities.enumerated().map { 0.25 * ($1 - ($0 == labels[row] ? 1 : 0)) }
      #expect(mismatch([losses[row]], [-log(probabilities[labels[row]])], within: 1e-6) == nil)
      #expect(mismatch(gradient.nested[row], expected, within: 2e-7) == nil)
      #expect(mismatch(Matrix(logits).softmax(row: row), probabilities, within: 2e-7) == nil)
    }
    #expect(gradient.padding(rows: 7).allSatisfy { $0 == 0 })
  }

  @Test("huge logits give a finite loss and finite gradients")
  func huge() {
    let (gradient, losses) = entropy([[1e30, 0, -1e30], [-3e38, 3e38, 0], [1e9, 1e9, 1e9]], [0, 1, 2])
    #expect(losses[0] == 0 && losses[1] == 0)
    #expect(mismatch([losses[2]], [log(3.0)], within: 1e-6) == nil)
    #expect(gradient.nested.prefix(2).allSatisfy { $0 == [0, 0, 0] })
    #expect(Matrix([[1e30, 0, -1e30]]).softmax(row: 0) == [1, 0, 0])
  }

  @Test("the loss of a wrong answer without hope is the distance of its logits")
  func hopeless() {
    #expect(entropy([[200, 0]], [1]).losses == [200])
    #expect(entropy([[0, -.infinity]], [1]).losses == [.infinity])
  }

  @Test("a logit that is no number makes the loss none, wherever it stands", arguments: 0..<3)
  func notANumber(place: Int) {
    for value in [Float.nan, .infinity] {
      var logits: [Float] = [1, 2, 3]
      logits[place] = value
      for label in 0..<3 { #expect(!entropy([logits], [label]).losses[0].isFinite) }
    }
  }

  @Test("rows behind the labels are left alone")
  func otherRows() {
    let logits = Matrix([[1, 2], [3, 4], [5, 6]])
    var gradient = Matrix([[9, 9], [9, 9], [9, 9]])
    var losses: [Float] = [7, 7, 7]
    gradient.softmaxCrossEntropy(logits, labels: [0, 1], gradientScale: 1, losses: &losses)
    #expect(gradient.nested[2] == [9, 9] && losses[2] == 7)
    #expect(gradient.nested[0] != [9, 9] && losses[0] != 7)
  }

  struct Row: Sendable {
    let logits: [Float]
    let winner: Int
  }

  @Test(
    "the largest logit wins, the first of equals, never a NaN",
    arguments: [
      Row(logits: [1], winner: 0), Row(logits: [1, 3, 2], winner: 1), Row(logits: [2, 2, 2], winner: 0),
      Row(logits: [-5, -1, -1], winner: 1), Row(logits: [-.infinity, -3e38], winner: 1),
      Row(logits: [.nan, 1, 2], winner: 2), Row(logits: [1, .nan, 0], winner: 0),
      Row(logits: [3, .infinity], winner: 1),
    ])
  func argmax(row: Row) {
    #expect(Matrix([row.logits]).argmax(row: 0) == row.winner)
    #expect(Matrix([[Float](repeating: 50, count: row.logits.count), row.logits]).argmax(row: 1) == row.winner)
  }
}
