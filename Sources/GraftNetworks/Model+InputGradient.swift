import GraftKernelCalls
import GraftMatrices

/// A sink that drops every gradient.
private struct NoSink: GradientSink {
  mutating func receive(
    _ gradient: WeightGradient, of slice: ParameterSlice, in parameters: inout Parameters, team: Team
  ) {}
}

extension Model {
  /// The gradient ∂logit/∂input of one output for one image, in the order of its pixels: channel, row, column.
  ///
  /// Training never needs it, because nothing before the first layer learns. The backward pass of training gives the gradient
  /// of the first layer's output here, and plain loops carry it through the first layer's weights. A normalisation uses its
  /// running statistics, as in every answer.
  ///
  /// - Parameters:
  ///   - output: The output, counted from 0.
  ///   - image: One image in numbers.
  /// - Complexity: One step of training with a batch of one image, and the first layer's multiply-adds one by one.
  package func inputGradient(ofLogit output: Int, of image: InputRows) -> [Float] {
    precondition(output >= 0 && output < classCount && image.count == 1)
    var model = self
    // The gradient of a frozen layer's input would not be computed.
    for (index, slice) in parameters.slices.enumerated() { model.isTrainable[index] = !slice.isStatistic }
    var workspace = Workspace(for: model, inputs: image, capacity: 1)
    let batch = Batch(inputs: image, rows: [0], labels: [output])
    model.forward(batch, mode: .evaluation, in: &workspace)
    let last = workspace.gradients.count - 1
    workspace.gradients[last].set(row: 0, to: (0..<classCount).map { $0 == output ? 1 : 0 })
    var sink = NoSink()
    model.backward(batch, in: &workspace, into: &sink)
    let first = layers[0]
    switch first.weights {
    case .linear(let linear):
      // A plain layer's gradient has passed its rectifier already.
      let gradient = workspace.maps[0]?.gradient ?? workspace.gradients[0]
      return linear.inputGradient((0..<linear.outputs).map { gradient[0, $0] }, parameters)
    case .convolution(let convolution):
      // `Workspace` makes a map for every layer that is not plain, and no convolution is plain.
      guard let gradient = workspace.maps[0]?.gradient else { preconditionFailure("a convolution without a map") }
      let values = first.mapGradientLayout.places.map { gradient[0, $0] }
      return convolution.inputGradient(values, first.mapShape, on: first.inputShape, parameters)
    }
  }
}

extension Linear {
  /// ∂/∂input = ∂/∂output · weight for one image.
  fileprivate func inputGradient(_ outputGradient: [Float], _ parameters: Parameters) -> [Float] {
    let weights = parameters.values(of: weight)
    var result = [Float](repeating: 0, count: inputs)
    for (output, gradient) in outputGradient.enumerated() where gradient != 0 {
      for input in 0..<inputs { result[input] += gradient * weights[output * inputs + input] }
    }
    return result
  }
}

extension Convolution {
  /// ∂/∂input for one image: each position of the output adds its window of the weights, times its gradient.
  ///
  /// - Parameter outputGradient: Channel, row, column of `map`.
  fileprivate func inputGradient(
    _ outputGradient: [Float], _ map: ImageShape, on input: ImageShape, _ parameters: Parameters
  ) -> [Float] {
    let weights = parameters.values(of: weight)
    let (kernel, stride, padding) = (shape.kernel, shape.stride, windows.padding)
    var result = [Float](repeating: 0, count: input.count)
    for (place, gradient) in outputGradient.enumerated() where gradient != 0 {
      let (output, position) = place.quotientAndRemainder(dividingBy: map.height * map.width)
      let (y, x) = position.quotientAndRemainder(dividingBy: map.width)
      // A depthwise convolution reads one channel, which its weight is numbered from.
      let read = shape.isDepthwise ? output..<output + 1 : 0..<input.channels
      let (top, left) = (y * stride - padding, x * stride - padding)
      // Windows reach beyond the border by the padding.
      let rows = max(0, -top)..<min(kernel, input.height - top)
      let columns = max(0, -left)..<min(kernel, input.width - left)
      for channel in read {
        for i in rows {
          let weight = ((output * read.count + channel - read.lowerBound) * kernel + i) * kernel
          let pixel = (channel * input.height + top + i) * input.width + left
          for j in columns { result[pixel + j] += gradient * weights[weight + j] }
        }
      }
    }
    return result
  }
}
