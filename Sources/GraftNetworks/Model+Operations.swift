import GraftKernelCalls
import GraftMatrices

extension Model {
  /// The network as a list of operations, from the image to the logits, each behind those that it reads. The last one is the head.
  ///
  /// - Complexity: O(weights).
  package var operations: [Operation] {
    let folded = foldingNorms()
    var operations: [Operation] = []
    // The last operation of each layer.
    var ends: [Int] = []
    for layer in folded.layers {
      func add(
        _ kind: Operation.Kind, _ ending: String?, from input: Int, _ inputShape: ImageShape, _ output: ImageShape
      ) {
        operations.append(
          Operation(
            name: ending.map { "\(layer.name).\($0)" } ?? layer.name, kind: kind, input: input, inputShape: inputShape,
            outputShape: output))
      }
      let source = layer.input < 0 ? -1 : ends[layer.input]
      add(folded.numbers(of: layer), nil, from: source, layer.inputShape, layer.mapShape)
      let map = layer.mapShape
      if let adding = layer.adding {
        add(.addition(ends[adding]), "add", from: operations.count - 1, map, map)
      }
      if layer.function != .identity {
        add(.activation(layer.function), layer.function.rawValue, from: operations.count - 1, map, map)
      }
      if let pooling = layer.pooling {
        let steps = pooling.steps(on: map)
        let kind = Operation.Kind.pooling(
          pooling.kind, size: steps.size, stride: steps.stride, padding: pooling.padding)
        add(kind, "pool", from: operations.count - 1, map, layer.outputShape)
      }
      ends.append(operations.count - 1)
    }
    return operations
  }

  private func numbers(of layer: Layer) -> Operation.Kind {
    let weight = parameters.values(of: layer.weight)
    let bias = layer.bias.map(parameters.values) ?? [Float](repeating: 0, count: layer.weight.shape[0])
    switch layer.weights {
    case .linear: return .linear(weight: weight, bias: bias)
    case .convolution(let convolution):
      let shape = convolution.shape
      let zeros = convolution.zeros(on: layer.inputShape, for: layer.mapShape)
      return .convolution(
        ConvolutionNumbers(
          weight: weight, bias: bias, kernel: shape.kernel, stride: shape.stride, groups: shape.groups, zeros: zeros))
    }
  }
}

extension Convolution {
  /// The zeros around `input` that the windows of `map` reach. Behind the input they may be fewer than the shape asks for, because of
  /// the stride.
  package func zeros(on input: ImageShape, for map: ImageShape) -> ConvolutionNumbers.Zeros {
    let before = windows.padding
    func behind(_ positions: Int, _ outputs: Int) -> Int {
      max(0, (outputs - 1) * shape.stride + shape.kernel - positions - before)
    }
    return ConvolutionNumbers.Zeros(
      before: before, below: behind(input.height, map.height), right: behind(input.width, map.width))
  }
}
