import GraftKernelCalls
import GraftMatrices
import GraftNetworks
import NumericChecks
import Testing

/// Networks of blocks against the same networks in Double, forward and by finite differences.
@Suite struct BlockGradientTests {
  private let examples = 3

  @Test("logits are those of plain loops, with running statistics", arguments: BlockCase.all)
  func logits(network: BlockCase) throws {
    let (model, reference, rows, _) = try network.smooth(examples: examples, usesBatch: false)
    let expected = reference(rows.values).logits
    for team in [Team.alone, Team(size: 2, smallestPart: 1), Team(size: 1, processor: .portable)] {
      let found = model.logits(of: rows.inputs(sparse: false), team: team)
      #expect(mismatch(found.flatMap { $0 }, expected.flatMap { $0 }, within: 3e-6) == nil)
    }
  }

  @Test("every gradient is the slope of the loss", arguments: BlockCase.all)
  func gradients(network: BlockCase) throws {
    let (model, reference, rows, labels) = try network.smooth(examples: examples)
    let (loss, gradients) = model.gradients(of: rows.inputs(sparse: true), labels, mode: .plainTraining)
    #expect(mismatch([loss], [reference.loss(rows.values, labels)], within: 3e-6) == nil)
    let learned = model.parameters.slices.filter { !$0.isStatistic }
    #expect(Set(gradients.keys) == Set(learned.map(\.name)))
    for slice in learned {
      let found = gradients[slice.name] ?? []
      let places =
        slice.count <= 12 ? Array(0..<slice.count) : (0..<12).map { ($0 * slice.count + slice.count / 2) / 12 }
      let expected = reference.numericGradient(of: slice.name, at: places, rows.values, labels)
      #expect(mismatch(places.map { found[$0] }, expected, within: 3e-5, floor: 0.3) == nil, "\(slice.name)")
      #expect(found.contains { $0 != 0 }, "\(slice.name)")
    }
  }

  @Test("every build and every number of threads give the same bits", arguments: BlockCase.all)
  func sameBits(network: BlockCase) throws {
    let (model, _, rows, labels) = try network.smooth(examples: 5)
    let inputs = rows.inputs(sparse: true)
    let expected = model.gradients(of: inputs, labels, mode: .plainTraining, team: Team(size: 1, processor: .portable))
    let teams =
      Processor.allCases.filter(\.isAvailable).map { Team(size: 1, processor: $0, smallestPart: 1) }
      + [Team(size: 2, smallestPart: 1), Team(size: 3, smallestPart: 1)]
    for team in teams {
      let found = model.gradients(of: inputs, labels, mode: .plainTraining, team: team)
      #expect(found.loss.bitPattern == expected.loss.bitPattern)
      for (name, values) in expected.byName {
        #expect(mismatchInBits(found.byName[name] ?? [], values) == nil, "\(name)")
      }
    }
  }

  @Test("a step writes where the workspace was allocated, and a second one repeats its bits", arguments: BlockCase.all)
  func noLeftovers(network: BlockCase) throws {
    let (model, _, rows, labels) = try network.smooth(examples: 4)
    let inputs = rows.inputs(sparse: false)
    func run(_ order: [[Int]]) -> [Float] {
      var copy = model
      var workspace = Workspace(for: model, inputs: inputs, capacity: 4)
      let blocks = workspace.mapBlocks.map(\.address)
      var buffer = GradientBuffer(for: model.parameters)
      for rows in order {
        let batch = Batch(inputs: inputs, rows: rows[...], labels: rows.map { labels[$0] }[...])
        buffer.reset()
        copy.forward(batch, mode: .plainTraining, in: &workspace)
        _ = SoftmaxCrossEntropy()(labels: batch.labels, in: &workspace)
        copy.backward(batch, in: &workspace, into: &buffer)
      }
      #expect(workspace.mapBlocks.map(\.address) == blocks)
      return buffer.sum.withFloats { floats in (0..<buffer.sum.count).map { floats[$0] } }
    }
    #expect(mismatchInBits(run([[0, 1, 2, 3], [3, 1]]), run([[3, 1]])) == nil)
  }
}
