import GraftKernelCalls
import GraftMatrices
import GraftNetworks

/// A builder of a program in Core ML's Model Intermediate Language and of the file of its weights. The numbers of fields are in MIL.proto
/// (https://apple.github.io/coremltools/mlmodel/Format/MIL.html).
///
/// Each operation has named arguments, all of which are values that other operations made; constants are operations too.
struct MILProgram {
  private var operations: [ProtocolBuffer] = []
  private(set) var weights = MILWeights()
  /// The values of two dimensions, [1 × numbers]; all others are maps.
  private var rows: Set<String> = []

  /// The operator set of iOS 15 and macOS 12.
  static let operators = "CoreML5"
  static let input = "image"
  static let label = "label"
  static let probabilities = "probabilities"

  /// `DataType`.
  private enum Element: Int {
    case bool = 1
    case text = 2
    case float = 11
    case double = 12
    case integer = 23
  }

  // MARK: Values and their types

  private static func entry(_ key: String, _ value: ProtocolBuffer) -> ProtocolBuffer {
    .message {
      $0.add(1, key)
      $0.add(2, value)
    }
  }

  /// `ValueType` of a tensor; one without dimensions is a scalar.
  private static func tensor(_ element: Element, _ shape: [Int] = []) -> ProtocolBuffer {
    let type = ProtocolBuffer.message { type in
      type.add(1, element.rawValue)
      if !shape.isEmpty { type.add(2, shape.count) }
      for size in shape { type.add(3, dimension(size)) }
    }
    return .message { $0.add(1, type) }
  }

  /// `Dimension`.
  private static func dimension(_ size: Int) -> ProtocolBuffer {
    .message { $0.add(1, .message { $0.add(1, size) }) }
  }

  /// `NamedValueType`.
  private static func named(_ name: String, _ type: ProtocolBuffer) -> ProtocolBuffer { entry(name, type) }

  /// `Value` that stands in the program itself.
  private static func immediate(_ type: ProtocolBuffer, _ tensor: ProtocolBuffer) -> ProtocolBuffer {
    .message {
      $0.add(2, type)
      $0.add(3, .message { $0.add(1, tensor) })
    }
  }

  private static func text(_ text: String) -> ProtocolBuffer {
    immediate(tensor(.text), .message { $0.add(4, .message { $0.add(1, text) }) })
  }

  /// `Argument`: the name of a value.
  private static func argument(_ name: String) -> ProtocolBuffer {
    .message { $0.add(1, .message { $0.add(1, name) }) }
  }

  // MARK: Operations

  private mutating func append(
    _ type: String, _ arguments: [(String, ProtocolBuffer)], _ outputs: [ProtocolBuffer],
    _ attributes: [(String, ProtocolBuffer)]
  ) {
    operations.append(
      .message { operation in
        operation.add(1, type)
        for (key, value) in arguments { operation.add(2, MILProgram.entry(key, value)) }
        for output in outputs { operation.add(3, output) }
        for (key, value) in attributes { operation.add(5, MILProgram.entry(key, value)) }
      })
  }

  /// Adds an operation on values that have names, and returns the name of its output.
  private mutating func add(
    _ type: String, _ name: String, _ arguments: [(String, String)], _ shape: [Int]
  ) -> String {
    if shape.count == 2 { rows.insert(name) }
    append(
      type, arguments.map { ($0, MILProgram.argument($1)) },
      [MILProgram.named(name, MILProgram.tensor(.float, shape))], [("name", MILProgram.text(name))])
    return name
  }

  private mutating func constant(_ name: String, _ type: ProtocolBuffer, _ value: ProtocolBuffer) -> String {
    append("const", [], [MILProgram.named(name, type)], [("name", MILProgram.text(name)), ("val", value)])
    return name
  }

  private mutating func integers(_ name: String, _ numbers: [Int]) -> String {
    let type = MILProgram.tensor(.integer, [numbers.count])
    let list = ProtocolBuffer.message { $0.add(1, packed: numbers) }
    return constant(name, type, MILProgram.immediate(type, .message { $0.add(2, list) }))
  }

  private mutating func integer(_ name: String, _ number: Int) -> String {
    let type = MILProgram.tensor(.integer)
    let list = ProtocolBuffer.message { $0.add(1, packed: [number]) }
    return constant(name, type, MILProgram.immediate(type, .message { $0.add(2, list) }))
  }

  private mutating func truth(_ name: String, _ value: Bool) -> String {
    let type = MILProgram.tensor(.bool)
    let list = ProtocolBuffer.message { $0.add(1, packed: [value ? 1 : 0]) }
    return constant(name, type, MILProgram.immediate(type, .message { $0.add(3, list) }))
  }

  private mutating func text(_ name: String, _ text: String) -> String {
    constant(name, MILProgram.tensor(.text), MILProgram.text(text))
  }

  /// Numbers in the program itself if they are few, and in the file of weights otherwise; coremltools divides them so too.
  private mutating func floats(_ name: String, _ shape: [Int], _ numbers: [Float]) -> String {
    let type = MILProgram.tensor(.float, shape)
    if numbers.count < 10 {
      let list = ProtocolBuffer.message { $0.add(1, packed: numbers) }
      return constant(name, type, MILProgram.immediate(type, .message { $0.add(1, list) }))
    }
    let offset = weights.add(numbers)
    let place = ProtocolBuffer.message {
      $0.add(1, "@model_path/weights/weight.bin")
      $0.add(2, offset)
    }
    return constant(
      name, type,
      .message {
        $0.add(2, type)
        $0.add(5, place)
      })
  }

  // MARK: Networks

  private static func shape(_ shape: ImageShape) -> [Int] { [1, shape.channels, shape.height, shape.width] }

  /// Adds (pixels / 255 - mean) / deviation.
  mutating func normalize(by normalization: Normalization, _ image: ImageShape) -> String {
    let shape = MILProgram.shape(image)
    let scale = floats("scale", [], [255])
    var values = add("real_div", "scaled", [("x", MILProgram.input), ("y", scale)], shape)
    guard normalization != .unit else { return values }
    let each = [1, normalization.means.count, 1, 1]
    let mean = floats("mean", each, normalization.means)
    values = add("sub", "centered", [("x", values), ("y", mean)], shape)
    let deviation = floats("deviation", each, normalization.deviations)
    return add("real_div", "normalized", [("x", values), ("y", deviation)], shape)
  }

  /// Adds an operation that reads the value `input`; `outputs` are the values of the operations before it.
  mutating func add(_ operation: Operation, reading input: String, of outputs: [String]) -> String {
    let name = operation.name.identifier
    let shape = MILProgram.shape(operation.outputShape)
    switch operation.kind {
    case .linear(let weight, let bias):
      let inputs = operation.inputShape.count
      let rows = integers("\(name)_rows", [1, inputs])
      let row = add("reshape", "\(name)_input", [("x", input), ("shape", rows)], [1, inputs])
      let weights = floats("\(name)_weight", [bias.count, inputs], weight)
      let biases = floats("\(name)_bias", [bias.count], bias)
      return add("linear", name, [("x", row), ("weight", weights), ("bias", biases)], [1, bias.count])
    case .convolution(let numbers): return add(numbers, name, operation, input)
    case .addition(let other): return add("add", name, [("x", input), ("y", outputs[other])], shape)
    case .activation(let function):
      return add(function, name, input, rows.contains(input) ? [1, operation.outputShape.channels] : shape)
    case .pooling(let kind, let size, let stride, let padding):
      var arguments = [
        ("x", input), ("kernel_sizes", integers("\(name)_sizes", [size, size])),
        ("strides", integers("\(name)_strides", [stride, stride])), ("pad_type", text("\(name)_pad_type", "custom")),
        ("pad", integers("\(name)_pad", [padding, padding, padding, padding])),
        ("ceil_mode", truth("\(name)_ceil_mode", false)),
      ]
      if kind == .average {
        arguments.append(("exclude_padding_from_average", truth("\(name)_exclude_padding", true)))
      }
      return add(kind == .maximum ? "max_pool" : "avg_pool", name, arguments, shape)
    }
  }

  private mutating func add(
    _ numbers: ConvolutionNumbers, _ name: String, _ operation: Operation, _ input: String
  ) -> String {
    let channels = operation.inputShape.channels / numbers.groups
    let zeros = numbers.zeros
    let arguments = [
      ("x", input),
      (
        "weight",
        floats("\(name)_weight", [numbers.bias.count, channels, numbers.kernel, numbers.kernel], numbers.weight)
      ),
      ("bias", floats("\(name)_bias", [numbers.bias.count], numbers.bias)),
      ("strides", integers("\(name)_strides", [numbers.stride, numbers.stride])),
      ("pad_type", text("\(name)_pad_type", "custom")),
      ("pad", integers("\(name)_pad", [zeros.before, zeros.below, zeros.before, zeros.right])),
      ("dilations", integers("\(name)_dilations", [1, 1])), ("groups", integer("\(name)_groups", numbers.groups)),
    ]
    return add("conv", name, arguments, MILProgram.shape(operation.outputShape))
  }

  private mutating func add(_ function: ActivationFunction, _ name: String, _ input: String, _ shape: [Int]) -> String {
    switch function {
    case .identity: return add("identity", name, [("x", input)], shape)
    case .relu: return add("relu", name, [("x", input)], shape)
    case .relu6: return add("relu6", name, [("x", input)], shape)
    case .silu: return add("silu", name, [("x", input)], shape)
    case .hardSwish:
      let (slope, start) = (floats("\(name)_slope", [], [1 / 6]), floats("\(name)_start", [], [0.5]))
      let gate = add("sigmoid_hard", "\(name)_gate", [("x", input), ("alpha", slope), ("beta", start)], shape)
      return add("mul", name, [("x", input), ("y", gate)], shape)
    }
  }

  /// Adds the softmax of logits, and the choice of the class with the largest probability.
  mutating func classify(_ logits: String, _ classes: [String]) {
    let axis = integer("softmax_axis", -1)
    let softmax = add("softmax", "softmax", [("x", logits), ("axis", axis)], [1, classes.count])
    let text = MILProgram.tensor(.text)
    let list = ProtocolBuffer.message {
      $0.add(1, text)
      $0.add(2, MILProgram.dimension(classes.count))
    }
    let values = ProtocolBuffer.message { values in
      for name in classes { values.add(1, MILProgram.text(name)) }
    }
    let names = ProtocolBuffer.message { names in
      names.add(2, .message { $0.add(2, list) })
      names.add(3, .message { $0.add(3, values) })
    }
    let dictionary = ProtocolBuffer.message {
      $0.add(1, text)
      $0.add(2, MILProgram.tensor(.double))
    }
    append(
      "classify",
      [
        ("probabilities", MILProgram.argument(softmax)),
        ("classes", .message { $0.add(1, .message { $0.add(2, names) }) }),
      ],
      [
        MILProgram.named(MILProgram.label, text),
        MILProgram.named(MILProgram.probabilities, .message { $0.add(4, dictionary) }),
      ], [("name", MILProgram.text("classify"))])
  }

  /// The whole program, `Program`, for images of a shape.
  func message(_ image: ImageShape) -> ProtocolBuffer {
    let block = ProtocolBuffer.message { block in
      block.add(2, MILProgram.label)
      block.add(2, MILProgram.probabilities)
      for operation in operations { block.add(3, operation) }
    }
    let function = ProtocolBuffer.message { function in
      function.add(1, MILProgram.named(MILProgram.input, MILProgram.tensor(.float, MILProgram.shape(image))))
      function.add(2, MILProgram.operators)
      function.add(3, MILProgram.entry(MILProgram.operators, block))
    }
    return .message {
      $0.add(1, 1)
      $0.add(2, MILProgram.entry("main", function))
    }
  }
}
