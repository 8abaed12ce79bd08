import GraftMatrices
import GraftNetworks
import NumericChecks
import Testing

@Suite struct ForwardTests {
  static let shapes: [[Int]] = [[], [5], [17], [40, 9], [33, 17, 3]]

  @Test("an image has the same logits, bit for bit, in batches of any size", arguments: shapes, [true, false])
  func batchSize(units: [Int], sparse: Bool) {
    let model = Model(units: units, inputs: 30, classCount: 10, seed: 1)
    let inputs = RandomRows(13, columns: 30, seed: 2).inputs(sparse: sparse)
    let alone = model.logits(of: inputs, batchSize: 1).flatMap { $0 }
    for size in [2, 3, 8, 13, 64] {
      #expect(mismatchInBits(model.logits(of: inputs, batchSize: size).flatMap { $0 }, alone) == nil, "size \(size)")
    }
  }

  /// Behind a first layer of more than 16 units even bit for bit.
  @Test("sparse and dense inputs have the same logits", arguments: shapes)
  func sparseAndDense(units: [Int]) {
    let model = Model(units: units, inputs: 21, classCount: 4, seed: 3)
    let rows = RandomRows(9, columns: 21, seed: 4)
    let sparse = model.logits(of: rows.inputs(sparse: true)).flatMap { $0 }
    let dense = model.logits(of: rows.inputs(sparse: false)).flatMap { $0 }
    #expect(mismatch(sparse, dense, within: 1e-6) == nil)
    if model.layers[0].outputs > 16 { #expect(mismatchInBits(sparse, dense) == nil) }
  }

  @Test("training and evaluation compute the same logits", arguments: shapes)
  func modes(units: [Int]) {
    let model = Model(units: units, inputs: 21, classCount: 4, seed: 5)
    let inputs = RandomRows(9, columns: 21, seed: 6).inputs(sparse: true)
    let training = model.logits(of: inputs, mode: .training(RandomKey(seed: 1, purpose: .dropout)))
    #expect(training == model.logits(of: inputs))
  }

  @Test(
    "features are the output of the first layers, and a workspace behind them gives the logits",
    arguments: [1, 2, 3])
  func features(count: Int) {
    let model = Model(units: [18, 7], inputs: 12, classCount: 4, seed: 7)
    // More rows than one pass takes, so that passes are joined.
    let rows = RandomRows(150, columns: 12, seed: 8)
    let found = model.features(of: rows.inputs(sparse: true), through: count)
    let reference = ReferenceNetwork(model)
    let expected = rows.values.map { row in
      let output = reference.outputs(row)[count - 1]
      return count < 3 ? output.map { max($0, 0) } : output
    }
    #expect(found.rows == 150 && found.columns == model.layers[count - 1].outputs)
    #expect(mismatch(found.nested.flatMap { $0 }, expected.flatMap { $0 }, within: 1e-6) == nil)
    #expect(found == model.features(of: rows.inputs(sparse: false), through: count))
    guard count < model.layers.count else { return }
    var workspace = Workspace(for: model, startingAt: count, inputs: .dense(found), capacity: 150)
    let all = Array(0..<150)
    model.forward(Batch(inputs: .dense(found), rows: all[...], labels: all[...]), mode: .evaluation, in: &workspace)
    let logits = model.logits(of: rows.inputs(sparse: true))
    #expect(mismatchInBits(workspace.logits.nested.flatMap { $0 }, logits.flatMap { $0 }) == nil)
  }

  @Test("features do not depend on what else is in the batch")
  func featuresAlone() {
    let model = Model(units: [18, 7], inputs: 12, classCount: 4, seed: 9)
    let rows = RandomRows(67, columns: 12, seed: 10)
    let all = model.features(of: rows.inputs(sparse: true), through: 2)
    for row in [0, 63, 64, 66] {
      let alone = model.features(of: RandomRows([rows.values[row]]).inputs(sparse: true), through: 2)
      #expect(alone.nested[0] == all.nested[row])
    }
  }

  @Test("a step copies no block of memory", arguments: [[], [17], [40, 9]] as [[Int]])
  func noCopies(units: [Int]) {
    let model = Model(units: units, inputs: 30, classCount: 10, seed: 11)
    let inputs = RandomRows(16, columns: 30, seed: 12).inputs(sparse: true)
    for path in PlainTrainer.Path.allCases {
      var trainer = PlainTrainer(
        model, on: inputs, (0..<16).map { $0 % 10 }, rule: .adam(), learningRate: 0.01, capacity: 8, path: path)
      func addresses() -> [UInt] {
        let state = [trainer.model.parameters.block, trainer.optimizer.state.first, trainer.optimizer.state.second]
        let matrices = [trainer.workspace.input] + trainer.workspace.outputs + trainer.workspace.gradients
        return (state + matrices.map(\.block) + [trainer.buffer.sum]).map(\.address)
      }
      // The first step makes what was shared with `model`, and the gradients that began as copies of the outputs, its own.
      trainer.step([0, 1, 2, 3])
      let before = addresses()
      for start in 0..<8 { trainer.step(Array(start..<start + 8)[...]) }
      #expect(addresses() == before, "\(path.rawValue)")
    }
  }
}
