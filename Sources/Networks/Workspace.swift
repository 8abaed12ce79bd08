import Matrices

/// The memory of a training step, set aside once for the largest batch: pixels arranged for the kernels, the output of
/// each layer, and the gradient of each output. A step allocates nothing.
public struct Workspace: Sendable {
  /// The first layer that runs: 0, or behind the frozen prefix when its features are given as inputs.
  public let firstLayer: Int
  /// Rows of the largest batch.
  public let capacity: Int
  package var pixels: PixelBatch?
  /// The batch's rows where the inputs are dense.
  package var input: Matrix
  /// `outputs[i]` is what layer `firstLayer + i` computed, [capacity × its outputs].
  package var outputs: [Matrix]
  /// `gradients[i]` is ∂loss/∂`outputs[i]`.
  package var gradients: [Matrix]
  /// The loss of each example of the batch.
  package var losses: [Float]

  /// - Parameter firstLayer: Where the inputs enter; less than the number of layers.
  public init(for model: Model, startingAt firstLayer: Int = 0, inputs: InputRows, capacity: Int) {
    precondition(firstLayer < model.layers.count && capacity > 0)
    precondition(inputs.columns == model.inputs(ofLayer: firstLayer))
    self.firstLayer = firstLayer
    self.capacity = capacity
    if case .sparse = inputs, firstLayer == 0 {
      pixels = PixelBatch(
        imageCapacity: capacity, columns: inputs.columns, outputs: model.layers[0].outputs)
      input = Matrix(rows: 0, columns: 1)
    } else {
      input = Matrix(rows: capacity, columns: inputs.columns)
    }
    outputs = model.layers[firstLayer...].map { Matrix(rows: capacity, columns: $0.outputs) }
    gradients = outputs
    losses = Array(repeating: 0, count: capacity)
  }

  /// The last layer's output: [capacity × classes]; rows beyond the batch are left over from earlier ones.
  public var logits: Matrix { outputs[outputs.count - 1] }

  /// Brings the rows of `batch` to where the first layer reads them.
  mutating func load(_ batch: Batch, forBackward: Bool) {
    precondition(batch.count <= capacity, "a batch of \(batch.count) rows in a workspace for \(capacity)")
    switch batch.inputs {
    case .sparse(let rows):
      precondition(pixels != nil, "a workspace for dense inputs was given sparse ones")
      pixels?.fill(batch.rows, of: rows, forBackward: forBackward)
    case .dense(let matrix): input.gather(batch.rows, of: matrix)
    }
  }
}
