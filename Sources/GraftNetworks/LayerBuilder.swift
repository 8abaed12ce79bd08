import GraftKernelCalls
import GraftMatrices

/// A builder of an architecture's layers: names, shapes, and the place of everything in memory.
struct LayerBuilder {
  private let architecture: Architecture
  private let classCount: Int
  /// Shapes of the input and of each layer's output.
  private let shapes: [ImageShape]

  init(_ architecture: Architecture, _ inputShape: ImageShape, classCount: Int) {
    self.architecture = architecture
    self.classCount = classCount
    do {
      shapes = try architecture.shapes(on: inputShape, classCount: classCount)
    } catch {
      // `Model.init` asks for an architecture that has been checked; architectures from a person or a file have been.
      preconditionFailure("\(error)")
    }
  }

  func layers(_ table: inout ParameterTable) -> [Layer] {
    let body = architecture.body
    let convolutions = body.count(where: \.isConvolution)
    var layers: [Layer] = []
    for (index, description) in body.enumerated() {
      let name = index < convolutions ? "conv\(index + 1)" : "fc\(index - convolutions + 1)"
      layers.append(layer(description, name, index, &table))
    }
    let head = Architecture.BodyLayer(.linear(units: classCount))
    layers.append(layer(head, "fc\(body.count - convolutions + 1)", body.count, &table))
    return layers
  }

  private func layer(
    _ description: Architecture.BodyLayer, _ name: String, _ index: Int, _ table: inout ParameterTable
  ) -> Layer {
    let (input, output) = (shapes[index], shapes[index + 1])
    let inputLayout = layout(before: index)
    let weights: Layer.Weights
    var (map, mapGradient) = (output, MapLayout(channels: output.channels, height: 1, width: 1, pitch: output.channels))
    let norm = architecture.body.prefix(index).count(where: \.isNormalized) + 1
    switch description.weights {
    case .linear(let units):
      let order =
        inputLayout.count == input.channels || index == 0
        ? InputOrder.flat : InputOrder(positions: input.height * input.width, pitch: inputLayout.pitch)
      let weight = table.addWeight(
        "\(name).weight", shape: [units, input.count], order: order, inputMajor: index == 0)
      let bias = bias(description, name, weight, &table)
      weights = .linear(
        Linear(inputs: input.count, outputs: units, weight: weight, bias: bias))
    case .convolution(let shape):
      map = shape.output(on: input) ?? output
      mapGradient = Convolution.gradientLayout(map, shape, on: input)
      let weight = table.addWeight(
        "\(name).weight", shape: [shape.channels, input.channels, shape.kernel, shape.kernel],
        order: InputOrder(positions: shape.kernel * shape.kernel, pitch: inputLayout.pitch), inputMajor: true)
      let bias = bias(description, name, weight, &table)
      weights = .convolution(
        Convolution(
          shape: shape, inputs: input.channels, weight: weight, bias: bias,
          windows: WindowedMaps(inputLayout, window: shape.window, padding: shape.padding)))
    }
    let isMap = description.isConvolution
    return Layer(
      name: name, weights: weights,
      norm: description.isNormalized ? batchNorm("bn\(norm)", channels: map.channels, &table) : nil,
      isRectified: index < architecture.body.count, pooling: description.pooling, inputShape: input, mapShape: map,
      outputShape: output,
      mapLayout: MapLayout(
        channels: map.channels, height: map.height, width: map.width, pitch: isMap ? nil : map.channels),
      outputLayout: layout(before: index + 1),
      gradientLayout: MapLayout(
        channels: output.channels, height: output.height, width: output.width, pitch: isMap ? nil : output.channels,
        border: borderOfGradient(before: index + 1)),
      mapGradientLayout: mapGradient)
  }

  /// The border of the gradient before layer `index`: if that layer spreads its gradient, the parts outside of its input need
  /// room.
  private func borderOfGradient(before index: Int) -> Int {
    guard index < architecture.body.count, case .convolution(let shape) = architecture.body[index].weights,
      let map = shape.output(on: shapes[index]), Convolution.spreads(map, on: shapes[index])
    else { return 0 }
    return shape.padding
  }

  private func bias(
    _ description: Architecture.BodyLayer, _ name: String, _ weight: ParameterSlice, _ table: inout ParameterTable
  ) -> ParameterSlice? {
    description.isNormalized
      ? nil : table.addVector("\(name).bias", .bias, fanIn: weight.fanIn, count: weight.shape[0])
  }

  private func batchNorm(_ name: String, channels: Int, _ table: inout ParameterTable) -> BatchNorm {
    func vector(_ part: String, _ role: ParameterSlice.Role) -> ParameterSlice {
      table.addVector("\(name).\(part)", role, fanIn: 1, count: channels)
    }
    return BatchNorm(
      gain: vector("weight", .gain), shift: vector("bias", .shift), runningMean: vector("running_mean", .statistic(0)),
      runningVariance: vector("running_var", .statistic(1)))
  }

  /// The layout of the input of layer `index`, with the border that the layer needs. The pixels of the input are not padded to
  /// vectors, because no kernel writes them.
  private func layout(before index: Int) -> MapLayout {
    let shape = shapes[index]
    let body = architecture.body
    var padding = 0
    if index < body.count, case .convolution(let convolution) = body[index].weights { padding = convolution.padding }
    let isWrittenByMap = index > 0 && index <= body.count && body[index - 1].isConvolution
    return MapLayout(
      channels: shape.channels, height: shape.height, width: shape.width,
      pitch: isWrittenByMap ? nil : shape.channels, border: padding)
  }
}
