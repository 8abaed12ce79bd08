import GraftMatrices
import GraftNetworks

extension Model {
  /// A model for flat inputs.
  package init(units: [Int], inputs: Int, classCount: Int, seed: UInt64) {
    self.init(
      Architecture(hiddenUnits: units), inputShape: ImageShape(height: 1, width: inputs), classCount: classCount,
      seed: seed)
  }

  /// A model written as a person would.
  package init(
    _ text: String, on shape: ImageShape, classCount: Int, seed: UInt64, initialization: Initialization = .uniform
  ) throws {
    let architecture = try Architecture(parsing: text)
    try architecture.check(on: shape, classCount: classCount)
    self.init(architecture, inputShape: shape, classCount: classCount, seed: seed, initialization: initialization)
  }

  /// The values of the slice called `name`, in PyTorch's order; empty where there is none.
  package func values(_ name: String) -> [Float] {
    parameters.slice(named: name).map(parameters.values) ?? []
  }

  /// All values, slice after slice.
  package var allValues: [Float] { parameters.slices.flatMap { parameters.values(of: $0) } }

  /// Every float between the slices' own: what kernels may load and must never change.
  package var padding: [Float] { parameters.slices.flatMap { parameters.block.padding(of: $0.layout) } }

  /// The logits of all rows, computed in batches of `size`.
  package func logits(
    of inputs: InputRows, batchSize size: Int = 64, mode: Mode = .evaluation, team: Team = .alone
  ) -> [[Float]] {
    var workspace = Workspace(for: self, inputs: inputs, capacity: size, team: team)
    let rows = Array(0..<inputs.count)
    let labels = [Int](repeating: 0, count: inputs.count)
    return stride(from: 0, to: rows.count, by: size).flatMap { start in
      let range = start..<min(start + size, rows.count)
      forward(Batch(inputs: inputs, rows: rows[range], labels: labels[range]), mode: mode, in: &workspace)
      return Array(workspace.logits.nested.prefix(range.count))
    }
  }

  /// The gradient of the mean loss over all rows, by name in PyTorch's order, from a ``GradientBuffer``. Slices that do
  /// not train are left out.
  package func gradients(
    of inputs: InputRows, _ labels: [Int], mode: Mode = .training(RandomKey(seed: 0, purpose: .dropout)),
    team: Team = .alone
  ) -> (loss: Double, byName: [String: [Float]]) {
    var copy = self
    var workspace = Workspace(for: self, inputs: inputs, capacity: inputs.count, team: team)
    var buffer = GradientBuffer(for: parameters)
    let batch = Batch(inputs: inputs, rows: Array(0..<inputs.count)[...], labels: labels[...])
    copy.forward(batch, mode: mode, in: &workspace)
    let loss = SoftmaxCrossEntropy()(labels: batch.labels, in: &workspace)
    copy.backward(batch, in: &workspace, into: &buffer)
    var holder = parameters
    holder.block = buffer.sum
    let byName = buffer.received.map { ($0.name, holder.values(of: $0)) }
    return (loss, Dictionary(uniqueKeysWithValues: byName))
  }
}

/// Steps over explicit batches, as small as a training can be: no shuffling, no epochs.
package struct PlainTrainer: Sendable {
  /// How a gradient reaches the weights.
  package enum Path: String, Sendable, CaseIterable {
    /// Each parameter moves in the pass that computes its gradient.
    case fused
    /// All gradients are written to memory first.
    case buffered
  }

  package var model: Model
  package var optimizer: Optimizer
  package var inputs: InputRows
  package let labels: [Int]
  package var learningRate: Double
  package var loss = SoftmaxCrossEntropy()
  package let path: Path
  package var workspace: Workspace
  package var buffer: GradientBuffer

  package init(
    _ model: Model, on inputs: InputRows, _ labels: [Int], startingAt firstLayer: Int = 0, rule: Optimizer.Rule,
    learningRate: Double, weightDecay: Double = 0, capacity: Int, path: Path = .fused, team: Team = .alone
  ) {
    self.model = model
    self.inputs = inputs
    self.labels = labels
    self.learningRate = learningRate
    self.path = path
    optimizer = Optimizer(rule, weightDecay: weightDecay, for: model.parameters)
    workspace = Workspace(for: model, startingAt: firstLayer, inputs: inputs, capacity: capacity, team: team)
    buffer = GradientBuffer(for: model.parameters)
  }

  /// One step over `rows`; returns their mean loss before it.
  @discardableResult
  package mutating func step(_ rows: ArraySlice<Int>) -> Double {
    let batch = Batch(inputs: inputs, rows: rows, labels: rows.map { labels[$0] }[...])
    model.forward(batch, mode: .training(RandomKey(seed: 0, purpose: .dropout)), in: &workspace)
    let loss = self.loss(labels: batch.labels, in: &workspace)
    optimizer.beginStep(learningRate: learningRate)
    switch path {
    case .fused: model.backward(batch, in: &workspace, into: &optimizer)
    case .buffered:
      buffer.reset()
      model.backward(batch, in: &workspace, into: &buffer)
      optimizer.update(&model.parameters, along: buffer)
    }
    return loss
  }

  /// One pass in batches of `size`; returns the mean of the batches' losses.
  package mutating func pass(over order: [Int], batchSize size: Int) -> Double {
    let losses = stride(from: 0, to: order.count, by: size).map { step(order[$0..<min($0 + size, order.count)]) }
    return losses.reduce(0, +) / Double(losses.count)
  }
}
