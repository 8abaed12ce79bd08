import Matrices

/// Where gradients go.
///
/// A sink may move the parameters as soon as it hears of their gradient: by then the layer has passed its own gradient on
/// to the layer before it, so nobody needs the old weights any more.
package protocol GradientSink {
  mutating func receive(
    _ gradient: WeightGradient, of slice: ParameterSlice, in parameters: inout Parameters, team: Team)
}

extension Model {
  /// The gradient of every trainable parameter, from ∂loss/∂logits in the workspace, into `sink`.
  ///
  /// Call after ``forward(_:mode:in:)`` in training mode with the same batch. Layers before the first trainable parameter
  /// get no work.
  package mutating func backward(_ batch: Batch, in workspace: inout Workspace, into sink: inout some GradientSink) {
    let firstTrainable = frozenPrefix
    let team = workspace.team
    for index in workspace.outputs.indices.reversed() where workspace.firstLayer + index >= firstTrainable {
      guard case .linear(let linear) = layers[workspace.firstLayer + index] else { continue }
      let gradient = workspace.gradients[index]
      if workspace.firstLayer + index > firstTrainable {
        let isBehindRectifier = layers[workspace.firstLayer + index - 1].isRectifier
        linear.inputGradient(
          gradient, rows: batch.count, parameters, where: isBehindRectifier ? workspace.outputs[index - 1] : nil,
          into: &workspace.gradients[isBehindRectifier ? index - 2 : index - 1], team: team)
        // A dropped unit is zero, so the rectifier's mask has stopped its gradient already.
        if isBehindRectifier, workspace.dropoutScale != 1 {
          workspace.gradients[index - 2].scale(rows: batch.count, by: workspace.dropoutScale)
        }
      }
      if trains(linear.weight) {
        if index == 0 { workspace.pixels?.arrange(team: team) }
        if index == 0, let pixels = workspace.pixels {
          sink.receive(.pixels(pixels, outputGradient: gradient), of: linear.weight, in: &parameters, team: team)
        } else {
          let input = index == 0 ? workspace.input : workspace.outputs[index - 1]
          sink.receive(
            linear.weightGradient(gradient, input: input, rows: batch.count), of: linear.weight, in: &parameters,
            team: team)
        }
      }
      if trains(linear.bias) {
        sink.receive(.columnSums(gradient, rows: batch.count), of: linear.bias, in: &parameters, team: team)
      }
    }
  }
}
