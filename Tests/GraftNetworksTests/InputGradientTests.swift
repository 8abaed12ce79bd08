import GraftMatrices
import GraftNetworks
import NumericChecks
import Testing

/// Slopes of logits at the pixels, against differences of the same networks in Double.
@Suite struct InputGradientTests {
  /// Networks are made of straight pieces, so a difference is the slope itself unless a kink lies between.
  private static let step = Float(1) / Float(1 << 20)

  private func slopes(_ row: [Float], at places: [Int], of logit: ([Float]) -> Double) -> [Double] {
    places.map { place in
      var (above, below) = (row, row)
      above[place] += Self.step
      below[place] -= Self.step
      return (logit(above) - logit(below)) / (Double(above[place]) - Double(below[place]))
    }
  }

  @Test(
    "of layers of units",
    arguments: [([], 9, 4), ([6], 12, 3), ([33], 13, 4), ([5, 4], 10, 3), ([17, 33], 6, 4)] as [([Int], Int, Int)],
    [true, false])
  func linear(units: ([Int], Int, Int), sparse: Bool) throws {
    let (hidden, inputs, classes) = units
    let found = (UInt64(0)..<300).lazy.map { seed in
      (
        Model(units: hidden, inputs: inputs, classCount: classes, seed: seed),
        RandomRows(1, columns: inputs, density: 0.6, seed: seed)
      )
    }.first { ReferenceNetwork($0).distanceFromKinks($1.values) > 1e-4 }
    let (model, rows) = try #require(found)
    let reference = ReferenceNetwork(model)
    for output in 0..<classes {
      let expected = slopes(rows.values[0], at: Array(0..<inputs)) { reference.logits($0)[output] }
      let gradient = model.inputGradient(ofLogit: output, of: rows.inputs(sparse: sparse))
      #expect(mismatch(gradient, expected, within: 1e-6) == nil)
      #expect(gradient.contains { $0 != 0 })
    }
  }

  @Test("of convolutional networks", arguments: ConvolutionalCase.all, [true, false])
  func convolutions(network: ConvolutionalCase, sparse: Bool) throws {
    let (model, reference, rows, _) = try network.smooth(examples: 1, usingBatch: false)
    let count = network.shape.count
    let most = 60
    let places = count <= most ? Array(0..<count) : (0..<most).map { ($0 * count + count / 2) / most }
    for output in [0, network.classes - 1] {
      let expected = slopes(rows.values[0], at: places) { reference([$0]).logits[0][output] }
      let gradient = model.inputGradient(ofLogit: output, of: rows.inputs(sparse: sparse))
      #expect(gradient.count == count && mismatch(places.map { gradient[$0] }, expected, within: 2e-6) == nil)
    }
  }

  @Test("a frozen model has the same slopes, and no model is changed")
  func frozen() throws {
    let model = try Model("cnn:4c3b-p2-5", on: ImageShape(channels: 3, height: 8, width: 8), classCount: 3, seed: 1)
    var frozen = model
    frozen.isTrainable = frozen.isTrainable.map { _ in false }
    let before = frozen
    let image = RandomRows(1, columns: 192, density: 1, seed: 4).inputs(sparse: false)
    let gradient = frozen.inputGradient(ofLogit: 1, of: image)
    #expect(mismatchInBits(gradient, model.inputGradient(ofLogit: 1, of: image)) == nil)
    #expect(frozen == before)
  }
}
