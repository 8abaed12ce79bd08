import GraftKernelCalls
import GraftMatrices
import GraftNetworks

/// A builder of a `GraphProto`: the weights, and nodes that name the values that they read and the value that they write.
/// Numbers of fields are those of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
struct ONNXGraph {
  private var nodes: [ProtocolBuffer] = []
  private var tensors: [ProtocolBuffer] = []

  /// `TensorProto.DataType`.
  static let float = 1
  static let byte = 2

  enum Attribute {
    case integer(String, Int)
    case integers(String, [Int])
  }

  /// Adds a node and returns the name of its output.
  @discardableResult
  mutating func add(
    _ type: String, _ inputs: [String], _ output: String, _ attributes: [Attribute] = []
  ) -> String {
    nodes.append(
      .message { node in
        for input in inputs { node.add(1, input) }
        node.add(2, output)
        node.add(3, output)
        node.add(4, type)
        for attribute in attributes { node.add(5, ONNXGraph.message(attribute)) }
      })
    return output
  }

  /// `AttributeProto`.
  private static func message(_ attribute: Attribute) -> ProtocolBuffer {
    .message { message in
      switch attribute {
      case .integer(let name, let number):
        message.add(1, name)
        message.add(3, number)
        message.add(20, 2)
      case .integers(let name, let numbers):
        message.add(1, name)
        for number in numbers { message.add(8, number) }
        message.add(20, 7)
      }
    }
  }

  /// Adds constant numbers and returns their name. `TensorProto`.
  mutating func add(_ name: String, _ shape: [Int], _ numbers: [Float]) -> String {
    tensors.append(
      .message { tensor in
        for size in shape { tensor.add(1, size) }
        tensor.add(2, ONNXGraph.float)
        tensor.add(8, name)
        tensor.add(9, bytes: numbers.littleEndianBytes)
      })
    return name
  }

  /// The graph with its one input and its one output, each with a type and the shape of one image. `GraphProto`.
  func message(name: String, input: (String, Int, [Int]), output: (String, Int, [Int])) -> ProtocolBuffer {
    .message { graph in
      for node in nodes { graph.add(1, node) }
      graph.add(2, name)
      for tensor in tensors { graph.add(5, tensor) }
      graph.add(11, ONNXGraph.value(input))
      graph.add(12, ONNXGraph.value(output))
    }
  }

  /// `ValueInfoProto`: the first dimension, `batch`, is any number.
  private static func value(_ value: (name: String, type: Int, shape: [Int])) -> ProtocolBuffer {
    let shape = ProtocolBuffer.message { shape in
      shape.add(1, .message { $0.add(2, "batch") })
      for size in value.shape { shape.add(1, .message { $0.add(1, size) }) }
    }
    let tensor = ProtocolBuffer.message {
      $0.add(1, value.type)
      $0.add(2, shape)
    }
    return .message {
      $0.add(1, value.name)
      $0.add(2, .message { $0.add(1, tensor) })
    }
  }
}

// MARK: - Operations

extension ONNXGraph {
  /// Adds (pixels / 255 - mean) / deviation, in this order, so that the numbers are those of `Normalization.tables` to the bit.
  mutating func normalizing(_ pixels: String, by normalization: Normalization) -> String {
    let shape = [1, normalization.means.count, 1, 1]
    let scale = add("scale", [], [255])
    var values = add("Div", [pixels, scale], "scaled")
    guard normalization != .unit else { return values }
    let (mean, deviation) = (
      add("mean", shape, normalization.means), add("deviation", shape, normalization.deviations)
    )
    values = add("Sub", [values, mean], "centered")
    return add("Div", [values, deviation], "normalized")
  }

  /// Adds an operation that writes a value of the given name.
  ///
  /// - Parameters:
  ///   - input: The value that it reads.
  ///   - outputs: The values of the operations before it.
  mutating func add(
    _ operation: Operation, reading input: String, of outputs: [String], as name: String
  ) -> String {
    switch operation.kind {
    case .linear(let weight, let bias):
      let shape = operation.inputShape
      // Does nothing to what another linear operation wrote.
      let row = add("Flatten", [input], "\(name).input", [.integer("axis", 1)])
      let weights = add("\(operation.name).weight", [bias.count, shape.count], weight)
      let biases = add("\(operation.name).bias", [bias.count], bias)
      return add("Gemm", [row, weights, biases], name, [.integer("transB", 1)])
    case .convolution(let numbers):
      let channels = operation.inputShape.channels / numbers.groups
      let weights = add(
        "\(operation.name).weight", [numbers.bias.count, channels, numbers.kernel, numbers.kernel], numbers.weight)
      let biases = add("\(operation.name).bias", [numbers.bias.count], numbers.bias)
      return add(
        "Conv", [input, weights, biases], name,
        [
          .integer("group", numbers.groups), .integers("kernel_shape", [numbers.kernel, numbers.kernel]),
          .integers("pads", [numbers.zeros.before, numbers.zeros.before, numbers.zeros.below, numbers.zeros.right]),
          .integers("strides", [numbers.stride, numbers.stride]),
        ])
    case .addition(let other): return add("Add", [input, outputs[other]], name)
    case .activation(let function): return add(function, input, name)
    case .pooling(let kind, let size, let stride, let padding):
      return add(
        kind == .maximum ? "MaxPool" : "AveragePool", [input], name,
        [
          .integers("kernel_shape", [size, size]), .integers("pads", [Int](repeating: padding, count: 4)),
          .integers("strides", [stride, stride]),
        ])
    }
  }

  private mutating func add(_ function: ActivationFunction, _ input: String, _ name: String) -> String {
    switch function {
    case .identity: return add("Identity", [input], name)
    case .relu: return add("Relu", [input], name)
    case .relu6:
      let (least, most) = (add("\(name).least", [], [0]), add("\(name).most", [], [6]))
      return add("Clip", [input, least, most], name)
    case .silu:
      let gate = add("Sigmoid", [input], "\(name).gate")
      return add("Mul", [input, gate], name)
    case .hardSwish: return add("HardSwish", [input], name)
    }
  }
}
