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
  /// The gradient of every trainable parameter, from ∂loss/∂logits in the workspace, into `sink`; running statistics of layers
  /// that train follow the batch.
  ///
  /// Call after ``forward(_:mode:in:)`` in training mode with the same batch. Layers before the first trainable parameter
  /// get no work.
  package mutating func backward(_ batch: Batch, in workspace: inout Workspace, into sink: inout some GradientSink) {
    let firstTrainable = frozenPrefix
    for index in workspace.outputs.indices.reversed() where workspace.firstLayer + index >= firstTrainable {
      let layer = layers[workspace.firstLayer + index]
      let passesOn = workspace.firstLayer + index > firstTrainable
      if layer.isPlain {
        backward(layer, index, batch, passesOn: passesOn, in: &workspace, into: &sink)
      } else {
        backwardMap(layer, index, batch, passesOn: passesOn, in: &workspace, into: &sink)
      }
    }
  }

  private mutating func backward(
    _ layer: Layer, _ index: Int, _ batch: Batch, passesOn: Bool, in workspace: inout Workspace,
    into sink: inout some GradientSink
  ) {
    let gradient = workspace.gradients[index]
    if passesOn { passOn(gradient, from: layer, index, rows: batch.count, in: &workspace) }
    if trains(layer.weight) {
      sink.receive(
        linearGradient(layer, index, gradient, rows: batch.count, in: &workspace), of: layer.weight, in: &parameters,
        team: workspace.team)
    }
    if let bias = layer.bias, trains(bias) {
      sink.receive(.columnSums(gradient, rows: batch.count), of: bias, in: &parameters, team: workspace.team)
    }
  }

  private mutating func backwardMap(
    _ layer: Layer, _ index: Int, _ batch: Batch, passesOn: Bool, in workspace: inout Workspace,
    into sink: inout some GradientSink
  ) {
    guard var memory = workspace.maps[index] else { return }
    workspace.maps[index] = nil
    defer { workspace.maps[index] = memory }
    let (team, rows) = (workspace.team, batch.count)
    if memory.isDropped, let (key, dropout) = workspace.dropped {
      workspace.gradients[index].dropOut(
        images: batch.rows, layer.gradientLayout, layer: workspace.firstLayer + index, key: key,
        threshold: dropout.maps.threshold, scale: dropout.maps.scale, team: team)
    }
    layer.activation.backward(
      memory.map, layer.mapLayout, images: rows, memory.affine,
      output: memory.isDropped ? memory.undropped : workspace.outputs[index], layer.outputLayout,
      gradient: workspace.gradients[index], layer.gradientLayout, into: &memory.gradient, layer.mapGradientLayout,
      &memory.sums, memory.moments, team: team)
    if let norm = layer.norm {
      memory.applyNormalization(layer, images: rows, team: team)
      memory.follow(norm, in: &parameters)
    }
    switch layer.weights {
    case .linear:
      if passesOn { passOn(memory.gradient, from: layer, index, rows: rows, in: &workspace) }
      if trains(layer.weight) {
        sink.receive(
          linearGradient(layer, index, memory.gradient, rows: rows, in: &workspace), of: layer.weight, in: &parameters,
          team: team)
      }
    case .convolution(let convolution):
      if passesOn, var turned = memory.turned {
        memory.turned = nil
        turned.turn(parameters.block, convolution.weight.layout)
        convolution.inputGradient(
          memory.gradient, layer.mapGradientLayout, images: rows, turned, into: &workspace.gradients[index - 1],
          layers[workspace.firstLayer + index - 1].gradientLayout, team: team)
        memory.turned = turned
      }
      if passesOn, var spread = memory.spread {
        memory.spread = nil
        spread.turn(parameters.block, convolution.weight.layout)
        convolution.inputGradient(
          memory.gradient, layer.mapGradientLayout, images: rows, spread, into: &workspace.gradients[index - 1],
          layers[workspace.firstLayer + index - 1].gradientLayout, team: team)
        memory.spread = spread
      }
      if trains(convolution.weight) {
        let input = index == 0 ? workspace.input : workspace.outputs[index - 1]
        sink.receive(
          convolution.weightGradient(
            memory.gradient, layer.mapGradientLayout, input: input, images: rows, scratch: workspace.scratch),
          of: convolution.weight, in: &parameters, team: team)
      }
    }
    // The sums over an image's positions are there already; those over the images are still to be taken.
    for slice in [layer.bias, layer.norm?.shift] {
      guard let slice, trains(slice) else { continue }
      sink.receive(.columnSums(memory.sums.sums, rows: rows), of: slice, in: &parameters, team: team)
    }
    if let gain = layer.norm?.gain, trains(gain) {
      sink.receive(.columnSums(memory.sums.products, rows: rows), of: gain, in: &parameters, team: team)
    }
  }

  /// ∂loss/∂input of a linear layer, for the layer before it: through that one's rectifier where it is plain.
  private func passOn(_ gradient: Matrix, from layer: Layer, _ index: Int, rows: Int, in workspace: inout Workspace) {
    guard case .linear(let linear) = layer.weights else { return }
    let isMasked = layers[workspace.firstLayer + index - 1].isPlain
    linear.inputGradient(
      gradient, rows: rows, parameters, where: isMasked ? workspace.outputs[index - 1] : nil,
      into: &workspace.gradients[index - 1], team: workspace.team)
    // A dropped unit is zero, so the rectifier's mask has stopped its gradient already.
    if isMasked, workspace.dropoutScale != 1 {
      workspace.gradients[index - 1].scale(rows: rows, by: workspace.dropoutScale)
    }
  }

  private func linearGradient(
    _ layer: Layer, _ index: Int, _ gradient: Matrix, rows: Int, in workspace: inout Workspace
  ) -> WeightGradient {
    guard case .linear(let linear) = layer.weights else { preconditionFailure("not a linear layer") }
    if index == 0 { workspace.pixels?.arrange(team: workspace.team) }
    if index == 0, let pixels = workspace.pixels { return .pixels(pixels, outputGradient: gradient) }
    let input = index == 0 ? workspace.input : workspace.outputs[index - 1]
    return linear.weightGradient(gradient, input: input, rows: rows)
  }
}
