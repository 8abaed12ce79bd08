import Foundation
import GraftMatrices
import GraftNetworks
import NumericChecks
import Testing

private struct WeightedCases: Decodable {
  struct Case: Decodable {
    let classes: Int
    let labelSmoothing: Double
    let labels: [Int]
    let logits: [[Float]]
    let weights: [Float]
    let mean: Double
    let gradient: [[Float]]
  }
  let losses: [Case]
}

@Suite("The loss of weighted classes")
struct WeightedLossTests {
  private struct Found {
    let mean: Double
    let losses: [Float]
    let gradient: [[Float]]
  }

  private func run(
    _ logits: [[Float]], _ labels: [Int], weights: [Float], _ loss: SoftmaxCrossEntropy = SoftmaxCrossEntropy(),
    of total: Double? = nil
  ) -> Found {
    let model = Model(units: [], inputs: 2, classCount: logits[0].count, seed: 0)
    let inputs = RandomRows(1, columns: 2, seed: 0).inputs(sparse: false)
    var workspace = Workspace(for: model, inputs: inputs, capacity: logits.count)
    workspace.outputs[0] = Matrix(logits)
    let mean = loss(labels: labels[...], classWeights: weights, of: total, in: &workspace)
    return Found(mean: mean, losses: workspace.losses, gradient: workspace.gradients[0].nested)
  }

  @Test("mean and gradient are PyTorch's; with smoothing the weight multiplies the example's whole loss")
  func agreesWithPyTorch() throws {
    let golden = try Golden.load(WeightedCases.self, from: "class_weights")
    #expect(golden.losses.map(\.classes) == [3, 3, 17, 17])
    for known in golden.losses {
      let found = run(
        known.logits, known.labels, weights: known.weights, SoftmaxCrossEntropy(smoothing: known.labelSmoothing))
      let name: Comment = "\(known.classes) classes, smoothing \(known.labelSmoothing)"
      #expect(mismatch([found.mean], [known.mean], within: 1e-6) == nil, name)
      #expect(mismatch(found.gradient.flatMap { $0 }, known.gradient.flatMap { $0 }, within: 1e-7) == nil, name)
    }
  }

  @Test("the gradient is the slope of the weighted loss", arguments: [0, 0.3])
  func slope(smoothing: Double) {
    for classes in [2, 5, 16, 17, 40] {
      let logits = randomMatrix(4, classes, seed: UInt64(classes)).map { $0.map { 4 * $0 } }
      let labels = [0, classes - 1, classes / 2, 0]
      let weights = (0..<classes).map { Float(0.5) + Float($0) }
      let found = run(logits, labels, weights: weights, SoftmaxCrossEntropy(smoothing: smoothing))
      func expected(_ point: [Double]) -> Double {
        var (sum, total) = (0.0, 0.0)
        for (row, label) in labels.enumerated() {
          let z = point[row * classes..<(row + 1) * classes]
          let logarithm = log(z.reduce(0) { $0 + exp($1) })
          let ofEach = z.reduce(0) { $0 + (logarithm - $1) } / Double(classes)
          let weight = Double(weights[label])
          sum += weight * ((1 - smoothing) * (logarithm - z[row * classes + label]) + smoothing * ofEach)
          total += weight
        }
        return sum / total
      }
      let point = logits.flatMap { $0.map(Double.init) }
      #expect(mismatch([found.mean], [expected(point)], within: 1e-6) == nil, "\(classes) classes")
      let slopes = numericGradient(at: point, of: expected)
      #expect(mismatch(found.gradient.flatMap { $0 }, slopes, within: 1e-6) == nil, "\(classes) classes")
    }
  }

  @Test("weights of one, and no weights, have the bits of the plain loss")
  func ones() {
    let logits = randomMatrix(5, 17, seed: 3)
    let labels = [0, 16, 3, 3, 9]
    let plain = SoftmaxCrossEntropy(smoothing: 0.1)
    let model = Model(units: [], inputs: 2, classCount: 17, seed: 0)
    var workspace = Workspace(for: model, inputs: RandomRows(1, columns: 2, seed: 0).inputs(sparse: false), capacity: 5)
    workspace.outputs[0] = Matrix(logits)
    let mean = plain(labels: labels[...], in: &workspace)
    for weights in [[], [Float](repeating: 1, count: 17)] {
      let found = run(logits, labels, weights: weights, plain)
      #expect(found.mean == mean && found.losses == workspace.losses)
      #expect(found.gradient == workspace.gradients[0].nested)
    }
  }

  @Test("examples' own losses carry no weights, and a common factor of all weights changes nothing")
  func factor() {
    let (logits, labels) = (randomMatrix(4, 3, seed: 4), [0, 2, 1, 1])
    let one = run(logits, labels, weights: [1, 2, 4])
    let four = run(logits, labels, weights: [4, 8, 16])
    #expect(one.losses == run(logits, labels, weights: []).losses)
    #expect(one.mean == four.mean && one.gradient == four.gradient)
    let sum = zip(labels, one.losses).reduce(0) { $0 + Double([1, 2, 4][$1.0]) * Double($1.1) }
    #expect(mismatch([one.mean], [sum / 9], within: 1e-12) == nil)
  }

  @Test("a part of a batch has the gradient of the whole batch's mean, and a sum over a constant has no mean")
  func reductions() {
    let logits = randomMatrix(4, 3, seed: 1)
    let (labels, weights) = ([0, 2, 1, 2], [0.5, 1, 2] as [Float])
    let ofMean = run(logits, labels, weights: weights)
    let ofLarger = run(logits, labels, weights: weights, of: 22)
    let ofSum = run(logits, labels, weights: weights, SoftmaxCrossEntropy(reduction: .sum(dividedBy: 11)))
    for row in 0..<4 {
      #expect(mismatch(ofLarger.gradient[row], ofMean.gradient[row].map { $0 / 4 }, within: 1e-7) == nil)
      #expect(mismatch(ofSum.gradient[row], ofMean.gradient[row].map { $0 / 2 }, within: 1e-7) == nil)
    }
    #expect(ofMean.mean == ofLarger.mean && ofMean.mean == ofSum.mean, "the loss itself is always the batch's mean")
  }
}
