import Matrices
import Networks
import NumericChecks
import Testing

private struct LossCases: Decodable {
  struct Case: Decodable {
    let name: String
    let classes: Int
    let labelSmoothing: Double
    let labels: [Int]
    let logits: [[Float]]
    let losses: [Float]
    let mean: Float
    let gradient: [[Float]]
    let probabilities: [[Float]]
  }
  let cases: [Case]
}

@Suite struct SoftmaxCrossEntropyTests {
  /// Loss, losses and gradient of given logits, as a training step leaves them.
  private func run(
    _ logits: [[Float]], _ labels: [Int], _ loss: SoftmaxCrossEntropy = SoftmaxCrossEntropy(), of total: Int? = nil
  ) -> (mean: Double, losses: [Float], gradient: [[Float]]) {
    let model = Model(units: [], inputs: 2, classCount: logits[0].count, seed: 0)
    let inputs = RandomRows(1, columns: 2, seed: 0).inputs(sparse: false)
    var workspace = Workspace(for: model, inputs: inputs, capacity: logits.count)
    workspace.outputs[0] = Matrix(logits)
    let mean = loss(labels: labels[...], of: total, in: &workspace)
    return (mean, workspace.losses, workspace.gradients[0].nested)
  }

  /// Label smoothing is not part of the loss yet; its cases wait in the golden file.
  @Test("losses, their mean, gradient and probabilities are PyTorch's")
  func agreesWithPyTorch() throws {
    let golden = try Golden.load(LossCases.self, from: "losses")
    let plain = golden.cases.filter { $0.labelSmoothing == 0 }
    #expect(plain.map(\.name) == ["10-classes", "5-classes", "17-classes"])
    for known in plain {
      let (mean, losses, gradient) = run(known.logits, known.labels)
      #expect(mismatch(losses, known.losses, within: 1e-6) == nil, "\(known.name)")
      #expect(mismatch([mean], [known.mean], within: 1e-6) == nil, "\(known.name)")
      for row in known.labels.indices {
        #expect(mismatch(gradient[row], known.gradient[row], within: 1e-7) == nil, "\(known.name), row \(row)")
        let probabilities = Matrix(known.logits).softmax(row: row)
        #expect(mismatch(probabilities, known.probabilities[row], within: 3e-7) == nil, "\(known.name), row \(row)")
      }
    }
  }

  @Test("the gradient is that of the mean, of a larger batch's mean, or of a sum over a constant")
  func reductions() {
    let logits = randomMatrix(4, 5, seed: 1)
    let labels = [0, 4, 2, 2]
    let ofMean = run(logits, labels)
    let ofLarger = run(logits, labels, of: 16)
    let ofSum = run(logits, labels, SoftmaxCrossEntropy(reduction: .sum(dividedBy: 8)))
    for row in 0..<4 {
      #expect(ofLarger.gradient[row] == ofMean.gradient[row].map { $0 / 4 })
      #expect(ofSum.gradient[row] == ofMean.gradient[row].map { $0 / 2 })
    }
    #expect(ofMean.mean == ofLarger.mean && ofMean.mean == ofSum.mean, "the loss itself is always the batch's mean")
    #expect(ofMean.mean == ofMean.losses.reduce(0) { $0 + Double($1) } / 4)
  }
}
