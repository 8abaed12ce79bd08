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
    for (index, block) in body.enumerated() {
      let name = index < convolutions ? "conv\(index + 1)" : "fc\(index - convolutions + 1)"
      layers.append(layer(block, block.name ?? name, index, &table))
    }
    let head = Architecture.Block(.linear(units: classCount), function: .identity)
    let name = architecture.headName ?? "fc\(body.count - convolutions + 1)"
    layers.append(layer(head, name, body.count, &table))
    return layers
  }

  private func layer(
    _ block: Architecture.Block, _ name: String, _ index: Int, _ table: inout ParameterTable
  ) -> Layer {
    let source = architecture.source(of: index)
    let (input, output) = (shapes[source + 1], shapes[index + 1])
    let inputLayout = layout(of: source)
    let weights: Layer.Weights
    var (map, mapGradient) = (output, MapLayout(channels: output.channels, height: 1, width: 1, pitch: output.channels))
    switch block.weights {
    case .linear(let units):
      let order =
        inputLayout.count == input.channels || index == 0
        ? InputOrder.flat : InputOrder(positions: input.height * input.width, pitch: inputLayout.pitch)
      let weight = table.addWeight(
        "\(name).weight", shape: [units, input.count], order: order, inputMajor: index == 0)
      let bias = bias(block, name, weight, &table)
      weights = .linear(
        Linear(inputs: input.count, outputs: units, weight: weight, bias: bias))
    case .convolution(let shape):
      map = shape.output(on: input) ?? output
      mapGradient = Convolution.gradientLayout(map, shape, on: input)
      let positions = shape.kernel * shape.kernel
      let weight = table.addWeight(
        "\(name).weight", shape: [shape.channels, input.channels / shape.groups, shape.kernel, shape.kernel],
        order: InputOrder(positions: positions, pitch: shape.isDepthwise ? 1 : inputLayout.pitch), inputMajor: true)
      let bias = bias(block, name, weight, &table)
      weights = .convolution(
        Convolution(
          shape: shape, inputs: input.channels, weight: weight, bias: bias,
          windows: WindowedMaps(
            inputLayout, window: shape.window, padding: shape.margins(on: input)?.before ?? 0)))
    }
    let isMap = block.isConvolution
    return Layer(
      name: name, weights: weights, norm: block.norm.map { norm($0, block, index, channels: map.channels, &table) },
      function: block.function, isHead: index == architecture.body.count, input: source, adding: block.adding,
      pooling: block.pooling, inputShape: input, mapShape: map, outputShape: output,
      mapLayout: MapLayout(
        channels: map.channels, height: map.height, width: map.width, pitch: isMap ? nil : map.channels),
      outputLayout: layout(of: index),
      gradientLayout: MapLayout(
        channels: output.channels, height: output.height, width: output.width, pitch: isMap ? nil : output.channels,
        border: borderOfGradient(of: index)),
      mapGradientLayout: mapGradient)
  }

  /// The convolutions that read the output of block `source`, or the input.
  private func readers(of source: Int) -> [(shape: ConvolutionShape, map: ImageShape, border: Int)] {
    architecture.body.indices.compactMap { index in
      guard architecture.source(of: index) == source, case .convolution(let shape) = architecture.body[index].weights,
        let map = shape.output(on: shapes[source + 1]), let margins = shape.margins(on: shapes[source + 1])
      else { return nil }
      return (shape, map, margins.largest)
    }
  }

  /// The border of the gradient of a block's output: if a convolution that reads it spreads its gradient, the parts outside of its
  /// input need room.
  private func borderOfGradient(of index: Int) -> Int {
    readers(of: index).filter { Convolution.spreads($0.map, $0.shape, on: shapes[index + 1]) }.map(\.border).max() ?? 0
  }

  private func bias(
    _ block: Architecture.Block, _ name: String, _ weight: ParameterSlice, _ table: inout ParameterTable
  ) -> ParameterSlice? {
    block.norm != nil ? nil : table.addVector("\(name).bias", .bias, fanIn: weight.fanIn, count: weight.shape[0])
  }

  private func norm(
    _ shape: NormShape, _ block: Architecture.Block, _ index: Int, channels: Int, _ table: inout ParameterTable
  ) -> BatchNorm {
    let number = architecture.body.prefix(index).count { $0.norm != nil } + 1
    let name = block.normName ?? "bn\(number)"
    func vector(_ part: String, _ role: ParameterSlice.Role) -> ParameterSlice {
      table.addVector("\(name).\(part)", role, fanIn: 1, count: channels)
    }
    return BatchNorm(
      gain: vector("weight", .gain), shift: vector("bias", .shift), runningMean: vector("running_mean", .statistic(0)),
      runningVariance: vector("running_var", .statistic(1)), epsilon: shape.epsilon, momentum: shape.momentum)
  }

  /// The layout of a block's output, or of the input, with the border that its readers need. The pixels of the input are not padded
  /// to vectors, because no kernel writes them, unless a depthwise convolution reads them.
  private func layout(of index: Int) -> MapLayout {
    let shape = shapes[index + 1]
    let readers = readers(of: index)
    let isWrittenByMap = architecture.body.indices.contains(index) && architecture.body[index].isConvolution
    let isPadded = isWrittenByMap || readers.contains { $0.shape.isDepthwise }
    return MapLayout(
      channels: shape.channels, height: shape.height, width: shape.width, pitch: isPadded ? nil : shape.channels,
      border: readers.map(\.border).max() ?? 0)
  }
}
