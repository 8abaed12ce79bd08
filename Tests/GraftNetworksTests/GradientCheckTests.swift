import GraftMatrices
import GraftNetworks
import NumericChecks
import Testing

/// Every gradient against finite differences of the same network in Double.
@Suite struct GradientCheckTests {
  struct Shape: Sendable, CustomTestStringConvertible {
    let units: [Int]
    let inputs: Int
    let classes: Int
    var testDescription: String { ([inputs] + units + [classes]).map(String.init).joined(separator: "-") }

    static let all = [
      Shape(units: [], inputs: 9, classes: 4), Shape(units: [], inputs: 12, classes: 17),
      Shape(units: [], inputs: 1, classes: 2), Shape(units: [6], inputs: 12, classes: 3),
      Shape(units: [20], inputs: 7, classes: 5), Shape(units: [33], inputs: 13, classes: 4),
      Shape(units: [1], inputs: 6, classes: 3), Shape(units: [5, 4], inputs: 10, classes: 3),
      Shape(units: [17, 33], inputs: 6, classes: 4), Shape(units: [33, 5, 18], inputs: 8, classes: 2),
      Shape(units: [40, 1], inputs: 6, classes: 3), Shape(units: [4, 1, 3], inputs: 6, classes: 2),
    ]
  }

  /// A model and examples whose hidden units all stay away from zero, where a rectifier has no derivative.
  private func setup(_ shape: Shape, examples: Int) throws -> (model: Model, rows: RandomRows, labels: [Int]) {
    let labels = (0..<examples).map { $0 * 7 % shape.classes }
    for seed in UInt64(0)..<300 {
      let model = Model(units: shape.units, inputs: shape.inputs, classCount: shape.classes, seed: seed)
      let rows = RandomRows(examples, columns: shape.inputs, density: 0.6, seed: seed)
      if ReferenceNetwork(model).distanceFromKinks(rows.values) > 1e-4 { return (model, rows, labels) }
    }
    throw Mismatch(description: "no seed keeps \(shape.testDescription) away from its kinks")
  }

  @Test("logits are those of Double arithmetic", arguments: Shape.all, [true, false])
  func logits(shape: Shape, sparse: Bool) throws {
    let (model, rows, _) = try setup(shape, examples: 5)
    let expected = rows.values.map { ReferenceNetwork(model).logits($0) }
    let found = model.logits(of: rows.inputs(sparse: sparse))
    #expect(mismatch(found.flatMap { $0 }, expected.flatMap { $0 }, within: 1e-6) == nil)
  }

  @Test("every gradient is the slope of the loss", arguments: Shape.all, [true, false])
  func gradients(shape: Shape, sparse: Bool) throws {
    let (model, rows, labels) = try setup(shape, examples: 5)
    let reference = ReferenceNetwork(model)
    let (loss, gradients) = model.gradients(of: rows.inputs(sparse: sparse), labels)
    #expect(mismatch([loss], [reference.loss(rows.values, labels)], within: 1e-6) == nil)
    #expect(gradients.count == 2 * (shape.units.count + 1))
    for (name, found) in gradients {
      let expected = reference.numericGradient(of: name, rows.values, labels)
      #expect(mismatch(found, expected, within: 1e-6) == nil, "\(name)")
      #expect(found.contains { $0 != 0 }, "\(name)")
    }
  }

  @Test(
    "with dropout every gradient is the slope of the thinned network's loss",
    arguments: Shape.all.filter { !$0.units.isEmpty }, [0.25, 0.7])
  func dropout(shape: Shape, share: Double) throws {
    let (model, rows, labels) = try setup(shape, examples: 5)
    var reference = ReferenceNetwork(model)
    // Behind others that are dropped, units move to other places, maybe to their kinks.
    let keys = (0..<40).map { RandomKey(seed: 11, purpose: .dropout, index: $0) }
    let key = try #require(
      keys.first { key in
        reference.factors = factors(shape, share, key)
        return rows.values.enumerated().allSatisfy { example, row in
          reference.outputs(row, example: example).dropLast().joined().allSatisfy { abs($0) > 1e-4 }
        }
      })
    #expect(reference.factors.joined().joined().contains { $0 != 1 })
    for sparse in [true, false] {
      let (loss, gradients) = model.gradients(
        of: rows.inputs(sparse: sparse), labels, mode: .training(key, Dropout(share)))
      #expect(mismatch([loss], [reference.loss(rows.values, labels)], within: 1e-6) == nil)
      for (name, found) in gradients {
        #expect(
          mismatch(found, reference.numericGradient(of: name, rows.values, labels), within: 1e-6) == nil, "\(name)")
      }
    }
  }

  /// What each hidden unit is multiplied by, layer by layer and example by example.
  private func factors(_ shape: Shape, _ share: Double, _ key: RandomKey) -> [[[Double]]] {
    shape.units.enumerated().map { index, units in
      var ones = Matrix((0..<5).map { _ in [Float](repeating: 1, count: units) })
      let threshold = (256 * share).rounded()
      ones.dropOut(
        images: Array(0..<5)[...], layer: index, key: key, threshold: UInt8(threshold),
        scale: Float(256 / (256 - threshold)))
      return ones.nested.map { $0.map(Double.init) }
    }
  }

  /// Weights behind the last column would act as units that no checkpoint holds.
  @Test(
    "after some steps the padding is zero and the logits are still the reference's", arguments: Shape.all,
    [true, false])
  func afterSteps(shape: Shape, sparse: Bool) throws {
    let (model, rows, labels) = try setup(shape, examples: 5)
    for (rule, rate) in [(Optimizer.Rule.sgd(momentum: 0.9), 0.2), (.adam(), 0.02)] {
      for path in PlainTrainer.Path.allCases {
        var trainer = PlainTrainer(
          model, on: rows.inputs(sparse: sparse), labels, rule: rule, learningRate: rate, weightDecay: 0.01,
          capacity: 5,
          path: path)
        for _ in 0..<10 { trainer.step([0, 1, 2, 3, 4]) }
        #expect(trainer.model.padding.allSatisfy { $0 == 0 }, "\(path)")
        let expected = rows.values.map { ReferenceNetwork(trainer.model).logits($0) }
        let found = trainer.model.logits(of: rows.inputs(sparse: sparse))
        #expect(mismatch(found.flatMap { $0 }, expected.flatMap { $0 }, within: 1e-5) == nil, "\(path)")
      }
    }
  }
}
