import Matrices

extension Model {
  /// Computes the logits of `batch`, [batch × classes], into ``Workspace/logits``. In training the workspace also keeps
  /// what the backward pass will ask for.
  public func forward(_ batch: Batch, mode: Mode, in workspace: inout Workspace) {
    workspace.load(batch)
    runLayers(rows: batch.count, in: &workspace, dropping: mode.dropout.map { ($0.key, $0.dropout, batch.rows) })
  }

  /// Computes the logits of one image, given as bytes that become numbers through `table`, into the workspace's first row.
  package func forward(image bytes: ArraySlice<UInt8>, through table: [Float], in workspace: inout Workspace) {
    workspace.load(image: bytes, through: table)
    runLayers(rows: 1, in: &workspace)
  }

  /// - Parameter dropped: From which key, how much, and the image of each row; nil drops nothing.
  private func runLayers(
    rows: Int, in workspace: inout Workspace,
    dropping dropped: (key: RandomKey, dropout: Dropout, images: ArraySlice<Int>)? = nil
  ) {
    workspace.dropoutScale = dropped?.dropout.scale ?? 1
    for index in workspace.outputs.indices {
      guard case .linear(let linear) = layers[workspace.firstLayer + index] else { continue }
      let rectifies = isRectified(workspace.firstLayer + index) && index + 1 < workspace.outputs.count
      let target = rectifies ? index + 1 : index
      if index == 0, let pixels = workspace.pixels {
        linear.forward(
          pixels, parameters, rectifies: rectifies, into: &workspace.outputs[target], team: workspace.team)
      } else {
        let input = index == 0 ? workspace.input : workspace.outputs[index - 1]
        linear.forward(
          input, rows: rows, parameters, rectifies: rectifies, into: &workspace.outputs[target],
          team: workspace.team)
      }
      if rectifies, let (key, dropout, images) = dropped {
        workspace.outputs[target].dropOut(
          images: images, layer: workspace.firstLayer + index, key: key, threshold: dropout.threshold,
          scale: dropout.scale)
      }
    }
  }

  /// The output of the first `count` layers for every row of `inputs`: [rows × units].
  ///
  /// - Complexity: One evaluation of those layers; memory rows × units × 4 bytes.
  public func features(of inputs: InputRows, through count: Int) -> Matrix {
    features(of: inputs, through: count, team: .alone)
  }

  /// What hidden layer `layer`, counted from 1, says of every row of `inputs`, rectified: [rows × units].
  package func hiddenFeatures(of inputs: InputRows, layer: Int) -> Matrix { features(of: inputs, through: 2 * layer) }

  /// What the head reads: [rows × units], the pixels themselves where the model is nothing but a head.
  package func bodyFeatures(of inputs: InputRows) -> Matrix {
    let body = architecture.hiddenUnits.count
    return body > 0 ? hiddenFeatures(of: inputs, layer: body) : inputs.matrix
  }

  package func features(of inputs: InputRows, through count: Int, team: Team) -> Matrix {
    precondition(count > 0 && count <= layers.count)
    var result = Matrix(rows: inputs.count, columns: layers[count - 1].outputs)
    let order = Array(0..<inputs.count)
    let noLabels = [Int](repeating: 0, count: inputs.count)
    var prefix = Workspace(for: self, inputs: inputs, capacity: 256, team: team)
    prefix.endLayers(at: count, of: self)
    for start in stride(from: 0, to: inputs.count, by: prefix.capacity) {
      let range = start..<min(start + prefix.capacity, inputs.count)
      forward(
        Batch(inputs: inputs, rows: order[range], labels: noLabels[range]), mode: .evaluation, in: &prefix)
      result.copyRows(range.count, of: prefix.outputs[count - 1], to: start)
    }
    return result
  }
}
