import Matrices

/// The memory of a training step, set aside once for the largest batch: pixels arranged for the kernels, the output of
/// each layer, and the gradient of each output. A step allocates nothing.
public struct Workspace: Sendable {
  /// The first layer that runs: 0, or behind the frozen prefix when its features are given as inputs.
  public let firstLayer: Int
  /// Rows of the largest batch.
  public let capacity: Int
  /// Who runs the kernels.
  package let team: Team
  package var pixels: PixelBatch?
  /// The batch's rows where the inputs are dense.
  package var input: Matrix
  /// `outputs[i]` is what layer `firstLayer + i` computed, [capacity × its outputs]. A linear layer that a rectifier
  /// follows leaves its output there, rectified, in the same pass; its own matrix is empty.
  package var outputs: [Matrix]
  /// `gradients[i]` is ∂loss/∂`outputs[i]`; a rectifier's is empty, it is applied to that of the layer before at once.
  package var gradients: [Matrix]
  /// What the gradients of hidden outputs are multiplied by: their kept units were, in the forward pass.
  package var dropoutScale: Float = 1
  /// The loss of each example of the batch.
  package var losses: [Float]

  /// - Parameter firstLayer: Where the inputs enter; a layer with weights, because a rectifier is computed with the layer
  ///   before it.
  public init(for model: Model, startingAt firstLayer: Int = 0, inputs: InputRows, capacity: Int) {
    self.init(for: model, startingAt: firstLayer, inputs: inputs, capacity: capacity, team: .alone)
  }

  package init(for model: Model, startingAt firstLayer: Int = 0, inputs: InputRows, capacity: Int, team: Team) {
    precondition(firstLayer < model.layers.count && !model.layers[firstLayer].isRectifier && capacity > 0)
    precondition(inputs.columns == model.inputs(ofLayer: firstLayer))
    self.firstLayer = firstLayer
    self.capacity = capacity
    self.team = team
    if case .sparse = inputs, firstLayer == 0 {
      pixels = PixelBatch(
        imageCapacity: capacity, columns: inputs.columns, outputs: model.layers[0].outputs)
      input = Matrix(rows: 0, columns: 1)
    } else {
      input = Matrix(rows: capacity, columns: inputs.columns)
    }
    let layers = firstLayer..<model.layers.count
    outputs = layers.map { layer in
      Matrix(rows: model.isRectified(layer) ? 0 : capacity, columns: model.layers[layer].outputs)
    }
    gradients = layers.map { layer in
      Matrix(rows: model.layers[layer].isRectifier ? 0 : capacity, columns: model.layers[layer].outputs)
    }
    losses = Array(repeating: 0, count: capacity)
  }

  /// Runs the first `count` layers only; the last of them leaves its own output, whatever follows it.
  mutating func endLayers(at count: Int, of model: Model) {
    outputs.removeSubrange(count...)
    outputs[count - 1] = Matrix(rows: capacity, columns: model.layers[firstLayer + count - 1].outputs)
  }

  /// The last layer's output: [capacity × classes]; rows beyond the batch are left over from earlier ones.
  public var logits: Matrix { outputs[outputs.count - 1] }

  /// Brings one image to where the first layer reads it.
  mutating func load(image bytes: ArraySlice<UInt8>, through table: [Float]) {
    precondition(firstLayer == 0 && bytes.count == input.columns || pixels != nil)
    if pixels != nil {
      pixels?.fill(image: bytes, through: table)
    } else {
      for (column, byte) in bytes.enumerated() { input[0, column] = table[Int(byte)] }
    }
  }

  /// Brings the rows of `batch` to where the first layer reads them.
  mutating func load(_ batch: Batch) {
    precondition(batch.count <= capacity, "a batch of \(batch.count) rows in a workspace for \(capacity)")
    switch batch.inputs {
    case .sparse(let rows):
      precondition(pixels != nil, "a workspace for dense inputs was given sparse ones")
      pixels?.fill(batch.rows, of: rows)
    case .dense(let matrix): input.gather(batch.rows, of: matrix)
    }
  }
}
