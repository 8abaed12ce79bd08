import Foundation
import GraftMatrices
import GraftNetworks
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

  @Test("losses, their mean, gradient and probabilities are PyTorch's")
  func agreesWithPyTorch() throws {
    let golden = try Golden.load(LossCases.self, from: "losses")
    let names = ["10-classes", "5-classes", "17-classes"].flatMap { [$0, "\($0)-smoothing"] }
    #expect(golden.cases.map(\.name) == names)
    for known in golden.cases {
      let loss = SoftmaxCrossEntropy(smoothing: known.labelSmoothing)
      let (mean, losses, gradient) = run(known.logits, known.labels, loss)
      #expect(mismatch(losses, known.losses, within: 1e-6) == nil, "\(known.name)")
      #expect(mismatch([mean], [known.mean], within: 1e-6) == nil, "\(known.name)")
      for row in known.labels.indices {
        #expect(mismatch(gradient[row], known.gradient[row], within: 1e-7) == nil, "\(known.name), row \(row)")
        let probabilities = Matrix(known.logits).softmax(row: row)
        #expect(mismatch(probabilities, known.probabilities[row], within: 3e-7) == nil, "\(known.name), row \(row)")
      }
    }
  }

  @Test("with any smoothing the gradient is the slope of the loss", arguments: [0, 0.05, 0.3, 0.9])
  func slope(smoothing: Double) {
    for classes in [2, 5, 16, 17, 40] {
      let logits = randomMatrix(3, classes, seed: UInt64(classes)).map { $0.map { 4 * $0 } }
      let labels = [0, classes - 1, classes / 2]
      let (mean, _, gradient) = run(logits, labels, SoftmaxCrossEntropy(smoothing: smoothing))
      func expected(_ point: [Double]) -> Double {
        let rows = stride(from: 0, to: point.count, by: classes).map { Array(point[$0..<$0 + classes]) }
        return zip(rows, labels).reduce(0) { sum, pair in
          let total = log(pair.0.reduce(0) { $0 + exp($1) })
          let ofEach = pair.0.reduce(0) { $0 + (total - $1) } / Double(classes)
          return sum + ((1 - smoothing) * (total - pair.0[pair.1]) + smoothing * ofEach) / 3
        }
      }
      let point = logits.flatMap { $0.map(Double.init) }
      #expect(mismatch([mean], [expected(point)], within: 1e-6) == nil, "\(classes) classes")
      let slopes = numericGradient(at: point, of: expected)
      #expect(mismatch(gradient.flatMap { $0 }, slopes, within: 1e-6) == nil, "\(classes) classes")
    }
  }

  @Test("no smoothing changes no bit, and hopeless answers stay so")
  func edges() {
    let logits = randomMatrix(4, 17, seed: 3)
    let (plain, zero) = (run(logits, [0, 16, 3, 3]), run(logits, [0, 16, 3, 3], SoftmaxCrossEntropy(smoothing: 0)))
    #expect(plain.losses == zero.losses && plain.gradient == zero.gradient)
    // Half of the aim lies on two classes that are 100 below the third.
    let smoothed = run([[100, 0, 0]], [0], SoftmaxCrossEntropy(smoothing: 0.75))
    #expect(mismatch(smoothed.losses, [50], within: 1e-6) == nil)
    #expect(mismatch(smoothed.gradient[0], [0.5, -0.25, -0.25], within: 1e-6) == nil)
    #expect(run([[0, -.infinity]], [0], SoftmaxCrossEntropy(smoothing: 0.1)).losses == [.infinity])
    #expect(!run([[0, .nan]], [0], SoftmaxCrossEntropy(smoothing: 0.1)).mean.isFinite)
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
