import GraftKernelCalls
import GraftMatrices

extension Model {
  /// Computes the logits of `batch`, [batch × classes], into ``Workspace/logits``. In training the workspace also keeps the
  /// numbers that the backward pass needs.
  public func forward(_ batch: Batch, mode: Mode, in workspace: inout Workspace) {
    workspace.load(batch)
    runLayers(rows: batch.count, mode, images: batch.rows, in: &workspace)
  }

  /// Computes the logits of one image, given as bytes that become numbers through `tables`, into the workspace's first row.
  package func forward(image bytes: ArraySlice<UInt8>, through tables: [Float], in workspace: inout Workspace) {
    workspace.load(image: bytes, through: tables)
    runLayers(rows: 1, .evaluation, images: [], in: &workspace)
  }

  /// Runs the workspace's layers.
  ///
  /// - Parameter images: The image of each row, for the draws of dropout.
  private func runLayers(rows: Int, _ mode: Mode, images: ArraySlice<Int>, in workspace: inout Workspace) {
    let dropped = mode.dropout
    // A frozen body's output may have been computed once, and is not dropped.
    let firstDropped = dropped == nil ? 0 : frozenPrefix
    workspace.dropped = dropped
    for index in workspace.outputs.indices {
      let layer = layers[workspace.firstLayer + index]
      let input = workspace.output(of: layer.input)
      let part = workspace.firstLayer + index < firstDropped ? nil : dropped?.dropout.part(of: layer)
      if let linear = layer.plain {
        run(
          linear, on: input, index == 0 ? workspace.pixels : nil, rows: rows, rectifies: layer.isRectified,
          into: &workspace.outputs[index], team: workspace.team)
        if let part, let key = dropped?.key {
          workspace.outputs[index].dropOut(
            images: images, layer: workspace.firstLayer + index, key: key, threshold: part.threshold,
            scale: part.scale, team: workspace.team)
        }
      } else {
        runMap(
          layer, index, on: input, rows: rows, mode, dropping: part.map { (images, $0) }, in: &workspace)
      }
    }
  }

  /// Computes the output of a linear layer's weights, from lit pixels if there are some.
  private func run(
    _ linear: Linear, on input: Matrix, _ pixels: PixelBatch?, rows: Int, rectifies: Bool, into output: inout Matrix,
    team: Team
  ) {
    if let pixels {
      linear.forward(pixels, parameters, rectifies: rectifies, into: &output, team: team)
    } else {
      linear.forward(input, rows: rows, parameters, rectifies: rectifies, into: &output, team: team)
    }
  }

  /// Runs a layer whose weights fill a feature map, from which an activation makes the output.
  ///
  /// - Parameter dropping: If some of the output is dropped, the image of each row and the share.
  private func runMap(
    _ layer: Layer, _ index: Int, on input: Matrix, rows: Int, _ mode: Mode,
    dropping: (images: ArraySlice<Int>, part: Dropout.Part)?, in workspace: inout Workspace
  ) {
    guard var memory = workspace.maps[index] else { return }
    workspace.maps[index] = nil  // so that its matrices are not shared, and not copied, while they are written
    let isMapShared = memory.map.rows == 0
    if isMapShared { swap(&memory.map, &workspace.sharedMap) }
    defer {
      if isMapShared { swap(&memory.map, &workspace.sharedMap) }
      workspace.maps[index] = memory
    }
    let team = workspace.team
    switch layer.weights {
    case .convolution(let convolution):
      memory.winograd?.transform(parameters.block, convolution.weight.layout)
      convolution.forward(
        input, images: rows, parameters, into: &memory.map, layer.mapLayout,
        WinogradForm(memory.winograd, workspace.winograd), team: team)
    case .linear(let linear):
      run(
        linear, on: input, index == 0 ? workspace.pixels : nil, rows: rows, rectifies: false, into: &memory.map,
        team: team)
    }
    if let norm = layer.norm {
      // One number has no deviation, so a batch of one image of a layer without positions uses the running statistics.
      let numbers = rows * layer.mapShape.height * layer.mapShape.width
      let usingBatch = mode != .evaluation && numbers > 1 && (trains(norm.gain) || trains(norm.shift))
      memory.normalize(layer, images: rows, parameters, usingBatch: usingBatch, team: team)
    }
    layer.activation(
      memory.map, layer.mapLayout, images: rows, memory.affine, adding: added(to: layer, in: workspace),
      into: &workspace.outputs[index], layer.outputLayout, team: team)
    memory.isDropped = false
    if let (images, part) = dropping, let key = workspace.dropped?.key {
      // The backward pass reads the path of the gradient off the output as it was.
      memory.isDropped = true
      memory.undropped.copyRows(rows, of: workspace.outputs[index], to: 0)
      workspace.outputs[index].dropOut(
        images: images, layer.outputLayout, layer: workspace.firstLayer + index, key: key,
        threshold: part.threshold, scale: part.scale, team: team)
    }
  }

  /// The maps that a residual connection adds to a layer's; nil if it has none.
  func added(to layer: Layer, in workspace: Workspace) -> AddedMaps? {
    layer.adding.map { AddedMaps(workspace.output(of: $0), layers[$0].outputLayout) }
  }

  /// The output of the first `count` layers for every row of `inputs`, in the layout that the next layer reads: [rows × outputs],
  /// for feature maps with their padding.
  ///
  /// - Complexity: One evaluation of these layers; memory rows × outputs × 4 bytes.
  package func features(of inputs: InputRows, through count: Int) -> Matrix {
    features(of: inputs, through: count, team: .alone)
  }

  /// The rectified output of hidden layer `layer`, counted from 1, for every row of `inputs`: [rows × outputs], in PyTorch's
  /// order.
  package func hiddenFeatures(of inputs: InputRows, layer: Int) -> Matrix {
    ordered(features(of: inputs, through: layer), ofLayer: layer)
  }

  /// The input of the head: [rows × units], or the pixels themselves if the model is nothing but a head.
  package func bodyFeatures(of inputs: InputRows, team: Team = .alone) -> Matrix {
    let body = architecture.body.count
    return body > 0 ? ordered(features(of: inputs, through: body, team: team), ofLayer: body) : inputs.matrix
  }

  /// The output of hidden layer `layer`, counted from 1, without padding and in PyTorch's order: channel, row, column.
  package func ordered(_ features: Matrix, ofLayer layer: Int) -> Matrix {
    let layout = layers[layer - 1].outputLayout
    return layout.count == layout.channels ? features : features.selecting(columns: layout.places)
  }

  package func features(of inputs: InputRows, through count: Int, team: Team) -> Matrix {
    precondition(count > 0 && isCut(count))
    if runsAsProgram { return Program(self).outputs(of: inputs, through: count, threads: team.size) }
    var result = Matrix(rows: inputs.count, columns: layers[count - 1].outputLayout.count)
    let order = Array(0..<inputs.count)
    let noLabels = [Int](repeating: 0, count: inputs.count)
    var prefix = Workspace(for: self, inputs: inputs, capacity: evaluationBatch, team: team, trains: false)
    prefix.endLayers(at: count)
    for start in stride(from: 0, to: inputs.count, by: prefix.capacity) {
      let range = start..<min(start + prefix.capacity, inputs.count)
      forward(
        Batch(inputs: inputs, rows: order[range], labels: noLabels[range]), mode: .evaluation, in: &prefix)
      result.copyRows(range.count, of: prefix.outputs[count - 1], to: start)
    }
    return result
  }

  /// Images that are evaluated together: many, so that each weight is loaded once for all of them, but fewer for feature maps,
  /// which would fill the caches, and still fewer if they are large.
  package var evaluationBatch: Int {
    guard architecture.isConvolutional else { return 256 }
    let bytes = layers.reduce(0) { $0 + $1.mapLayout.count + $1.outputLayout.count } * MemoryLayout<Float>.size
    return max(1, min(32, (128 << 20) / bytes))
  }
}
