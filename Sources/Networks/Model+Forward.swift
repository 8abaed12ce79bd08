import Matrices

extension Model {
  /// Computes the logits of `batch`, [batch × classes], into ``Workspace/logits``. In training the workspace also keeps
  /// what the backward pass will ask for.
  public func forward(_ batch: Batch, mode: Mode, in workspace: inout Workspace) {
    workspace.load(batch, forBackward: mode != .evaluation)
    for index in workspace.outputs.indices {
      let input = index == 0 ? workspace.input : workspace.outputs[index - 1]
      switch layers[workspace.firstLayer + index] {
      case .linear(let linear):
        if index == 0, let pixels = workspace.pixels {
          linear.forward(pixels, parameters, into: &workspace.outputs[index])
        } else {
          linear.forward(input, rows: batch.count, parameters, into: &workspace.outputs[index])
        }
      case .relu:
        workspace.outputs[index].rectify(input, rows: batch.count)
      }
    }
  }

  /// The output of the first `count` layers for every row of `inputs`: [rows × units].
  ///
  /// - Complexity: One evaluation of those layers; memory rows × units × 4 bytes.
  public func features(of inputs: InputRows, through count: Int) -> Matrix {
    precondition(count > 0 && count <= layers.count)
    var result = Matrix(rows: inputs.count, columns: layers[count - 1].outputs)
    let order = Array(0..<inputs.count)
    let noLabels = [Int](repeating: 0, count: inputs.count)
    var prefix = Workspace(for: self, inputs: inputs, capacity: 64)
    prefix.outputs.removeSubrange(count...)
    for start in stride(from: 0, to: inputs.count, by: prefix.capacity) {
      let range = start..<min(start + prefix.capacity, inputs.count)
      forward(
        Batch(inputs: inputs, rows: order[range], labels: noLabels[range]), mode: .evaluation, in: &prefix)
      result.copyRows(range.count, of: prefix.outputs[count - 1], to: start)
    }
    return result
  }
}
