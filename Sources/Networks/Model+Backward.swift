import Matrices

/// Where gradients go.
///
/// A sink may move the parameters as soon as it hears of their gradient: by then the layer has passed its own gradient on
/// to the layer before it, so nobody needs the old weights any more.
package protocol GradientSink {
  mutating func receive(_ gradient: WeightGradient, of slice: ParameterSlice, in parameters: inout Parameters)
}

extension Model {
  /// The gradient of every trainable parameter, from ∂loss/∂logits in the workspace, into `sink`.
  ///
  /// Call after ``forward(_:mode:in:)`` in training mode with the same batch. Layers before the first trainable parameter
  /// get no work.
  package mutating func backward(_ batch: Batch, in workspace: inout Workspace, into sink: inout some GradientSink) {
    let firstTrainable = frozenPrefix
    for index in workspace.outputs.indices.reversed() where workspace.firstLayer + index >= firstTrainable {
      let passesOn = workspace.firstLayer + index > firstTrainable
      let gradient = workspace.gradients[index]
      switch layers[workspace.firstLayer + index] {
      case .relu:
        if passesOn {
          workspace.gradients[index - 1].rectifyGradient(
            gradient, where: workspace.outputs[index], rows: batch.count)
        }
      case .linear(let linear):
        if passesOn {
          linear.inputGradient(gradient, rows: batch.count, parameters, into: &workspace.gradients[index - 1])
        }
        if trains(linear.weight) {
          if index == 0, let pixels = workspace.pixels {
            sink.receive(.pixels(pixels, outputGradient: gradient), of: linear.weight, in: &parameters)
          } else {
            let input = index == 0 ? workspace.input : workspace.outputs[index - 1]
            sink.receive(
              linear.weightGradient(gradient, input: input, rows: batch.count), of: linear.weight, in: &parameters)
          }
        }
        if trains(linear.bias) {
          sink.receive(.columnSums(gradient, rows: batch.count), of: linear.bias, in: &parameters)
        }
      }
    }
  }
}
