import GraftMatrices

/// A receiver of gradients.
///
/// A sink may move the parameters as soon as it receives their gradient: by then the layer has passed its own gradient on to the
/// layer before it, so nobody needs the old weights any more.
package protocol GradientSink {
  mutating func receive(
    _ gradient: WeightGradient, of slice: ParameterSlice, in parameters: inout Parameters, team: Team)
}

extension Model {
  /// Does the backward pass of a step: from ∂loss/∂logits in the workspace, every trainable parameter moves as soon as its
  /// gradient is known. Running statistics of layers that train follow the batch.
  ///
  /// Call after ``forward(_:mode:in:)`` in training mode with the same batch, a loss, and ``Optimizer/beginStep(learningRate:)``.
  /// Layers before the first trainable parameter do no work.
  public mutating func backward(_ batch: Batch, in workspace: inout Workspace, into optimizer: inout Optimizer) {
    propagate(batch, in: &workspace, into: &optimizer)
  }

  /// Does the backward pass with any sink for the gradients.
  package mutating func backward(_ batch: Batch, in workspace: inout Workspace, into sink: inout some GradientSink) {
    propagate(batch, in: &workspace, into: &sink)
  }

  private mutating func propagate(_ batch: Batch, in workspace: inout Workspace, into sink: inout some GradientSink) {
    let firstTrainable = firstTrainableLayer
    for index in workspace.hasGradient.indices { workspace.hasGradient[index] = false }
    for index in workspace.outputs.indices.reversed() where workspace.firstLayer + index >= firstTrainable {
      let layer = layers[workspace.firstLayer + index]
      let passesOn = layer.input >= max(firstTrainable, workspace.firstLayer)
      if let linear = layer.plain {
        let gradient = workspace.gradients[index]
        backward(linear, gradient, index, rows: batch.count, passesOn: passesOn, in: &workspace, into: &sink)
        if let bias = linear.bias, trains(bias) {
          sink.receive(.columnSums(gradient, rows: batch.count), of: bias, in: &parameters, team: workspace.team)
        }
      } else {
        backwardMap(layer, index, batch, passesOn: passesOn, in: &workspace, into: &sink)
      }
    }
  }

  /// Does a linear layer's backward pass, from the gradient of its weights' output.
  private mutating func backward(
    _ linear: Linear, _ gradient: Matrix, _ index: Int, rows: Int, passesOn: Bool, in workspace: inout Workspace,
    into sink: inout some GradientSink
  ) {
    if passesOn { passOn(gradient, from: linear, index, rows: rows, in: &workspace) }
    guard trains(linear.weight) else { return }
    if index == 0 { workspace.pixels?.arrange(team: workspace.team) }
    let weightGradient: WeightGradient
    if index == 0, let pixels = workspace.pixels {
      weightGradient = .pixels(pixels, outputGradient: gradient)
    } else {
      let input = workspace.output(of: layers[workspace.firstLayer + index].input)
      weightGradient = linear.weightGradient(gradient, input: input, rows: rows)
    }
    sink.receive(weightGradient, of: linear.weight, in: &parameters, team: workspace.team)
  }

  private mutating func backwardMap(
    _ layer: Layer, _ index: Int, _ batch: Batch, passesOn: Bool, in workspace: inout Workspace,
    into sink: inout some GradientSink
  ) {
    guard var memory = workspace.maps[index] else { return }
    workspace.maps[index] = nil
    defer { workspace.maps[index] = memory }
    let (team, rows) = (workspace.team, batch.count)
    if memory.isDropped, let (key, dropout) = workspace.dropped, let part = dropout.part(of: layer) {
      workspace.gradients[index].dropOut(
        images: batch.rows, layer.gradientLayout, layer: workspace.firstLayer + index, key: key,
        threshold: part.threshold, scale: part.scale, team: team)
    }
    layer.activation.backward(
      memory.map, layer.mapLayout, images: rows, memory.affine, adding: added(to: layer, in: workspace),
      output: memory.isDropped ? memory.undropped : workspace.outputs[index], layer.outputLayout,
      gradient: workspace.gradients[index], layer.gradientLayout, into: &memory.gradient, layer.mapGradientLayout,
      &memory.sums, memory.moments, team: team)
    if let adding = layer.adding, adding >= max(firstTrainableLayer, workspace.firstLayer) {
      let target = adding - workspace.firstLayer
      addMaps(
        memory.gradient, layer.mapGradientLayout, images: rows, accumulates: workspace.hasGradient[target],
        to: &workspace.gradients[target], layers[adding].gradientLayout, team: team)
      workspace.hasGradient[target] = true
    }
    if let norm = layer.norm {
      memory.applyNormalization(layer, images: rows, team: team)
      memory.follow(norm, in: &parameters)
    }
    switch layer.weights {
    case .linear(let linear):
      backward(linear, memory.gradient, index, rows: rows, passesOn: passesOn, in: &workspace, into: &sink)
    case .convolution(let convolution):
      if passesOn {
        let source = layer.input - workspace.firstLayer
        memory.passOn(
          convolution, layer, images: rows, parameters, accumulates: workspace.hasGradient[source],
          into: &workspace.gradients[source], layers[layer.input].gradientLayout,
          workspace.winograd, team: team)
        workspace.hasGradient[source] = true
      }
      if trains(convolution.weight) {
        sink.receive(
          convolution.weightGradient(
            memory.gradient, layer.mapGradientLayout, input: workspace.output(of: layer.input), images: rows,
            scratch: workspace.scratch, winograd: workspace.winograd),
          of: convolution.weight, in: &parameters, team: team)
      }
    }
    // The sums over an image's positions are there already; the sums over the images are still missing.
    if let shift = layer.norm?.shift ?? layer.bias, trains(shift) {
      sink.receive(.columnSums(memory.sums.sums, rows: rows), of: shift, in: &parameters, team: team)
    }
    if let gain = layer.norm?.gain, trains(gain) {
      sink.receive(.columnSums(memory.sums.products, rows: rows), of: gain, in: &parameters, team: team)
    }
  }

  /// Computes ∂loss/∂input of a linear layer for the layer that it reads, through that layer's rectifier if it is plain.
  private func passOn(
    _ gradient: Matrix, from linear: Linear, _ index: Int, rows: Int, in workspace: inout Workspace
  ) {
    let source = layers[workspace.firstLayer + index].input - workspace.firstLayer
    // No family has a linear layer beside another reader of the same output.
    precondition(!workspace.hasGradient[source])
    workspace.hasGradient[source] = true
    let isMasked = layers[workspace.firstLayer + source].isPlain
    linear.inputGradient(
      gradient, rows: rows, parameters, where: isMasked ? workspace.outputs[source] : nil,
      into: &workspace.gradients[source], team: workspace.team)
    // A dropped unit is zero, so the rectifier's mask has stopped its gradient already.
    if isMasked, workspace.dropoutScale != 1 {
      workspace.gradients[source].scale(rows: rows, by: workspace.dropoutScale)
    }
  }
}
