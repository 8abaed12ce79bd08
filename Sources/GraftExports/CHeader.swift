import GraftFiles
import GraftKernelCalls
import GraftMatrices
import GraftNetworks

/// The text of an exported header.
struct CHeader {
  let model: ExportedModel
  let checkpoint: Checkpoint
  let operations: [Operation]
  let plan: ArenaPlan
  /// The beginning of every name in the header.
  let prefix: String
  let isQuantized: Bool
  let givesLogits: Bool

  init(_ model: ExportedModel) {
    self.model = model
    checkpoint = model.checkpoint
    operations = checkpoint.model.operations
    plan = ArenaPlan(operations, image: checkpoint.model.inputShape.count)
    prefix = model.name.identifier
    isQuantized = model.wishes.contains(.quantized)
    givesLogits = model.wishes.contains(.logits)
  }

  var bytes: [UInt8] {
    var bytes = Array(opening.utf8)
    for operation in operations { appendNumbers(of: operation, to: &bytes) }
    bytes += Array(functions.utf8)
    bytes += Array(call.utf8)
    return bytes
  }

  private var result: String { givesLogits ? "logits" : "probabilities" }

  private var opening: String {
    let shape = checkpoint.model.inputShape
    let outputs = checkpoint.outputs
    let guardName = "\(prefix.uppercased())_H"
    let macros = prefix.uppercased()
    let normalization = checkpoint.normalization
    let names = outputs.names.map { "  \(CHeader.literal($0))" }.joined(separator: ",\n")
    let fit = ModelFacts(checkpoint).fit.map { "\n   Photographs were brought to this size by: \($0)." } ?? ""
    return """
      /* \(CHeader.comment(model.name)): \(checkpoint.model.architecture), written by Graft. C99; no allocation, no global state.

         Compile with -lm, and call it so:

           static float scratch[\(macros)_SCRATCH];
           float \(result)[\(macros)_CLASSES];
           \(prefix)_predict(pixels, scratch, \(result));

         pixels: \(shape.channels) x \(shape.height) x \(shape.width) bytes, the \(shape.channels == 1 ? "rows of the image" : "planes of the channels") one behind the other.\(fit)
         scratch: \(grouped(plan.count)) floats, which nothing else uses during the call; calls with scratches of their own may run side by side.
         \(result): one number for each of \(prefix)_classes\(givesLogits ? "; softmax makes probabilities of them" : "").
         Weights are \(isQuantized ? "8 bits with a scale for each output" : "floats"). */
      #ifndef \(guardName)
      #define \(guardName)

      #include <math.h>
      #include <stdint.h>

      #define \(macros)_PIXELS \(shape.count)
      #define \(macros)_CLASSES \(outputs.count)
      #define \(macros)_SCRATCH \(plan.count)

      static const char *const \(prefix)_classes[\(outputs.count)] = {
      \(names)
      };

      static const float \(prefix)_mean[\(normalization.means.count)] = {\(floats(normalization.means))};
      static const float \(prefix)_deviation[\(normalization.means.count)] = {\(floats(normalization.deviations))};


      """
  }

  // MARK: Numbers

  private func appendNumbers(of operation: Operation, to bytes: inout [UInt8]) {
    let (weight, bias): ([Float], [Float])
    switch operation.kind {
    case .linear(let numbers, let biases): (weight, bias) = (numbers, biases)
    case .convolution(let numbers): (weight, bias) = (numbers.weight, numbers.bias)
    case .addition, .activation, .pooling: return
    }
    let name = constant(operation)
    if isQuantized {
      let quantized = QuantizedWeights(weight, outputs: bias.count)
      appendArray("int8_t", "\(name)_weight", quantized.values.map { "\($0)" }, to: &bytes)
      appendArray("float", "\(name)_scale", quantized.scales.map(CHeader.float), to: &bytes)
    } else {
      appendArray("float", "\(name)_weight", weight.map(CHeader.float), to: &bytes)
    }
    appendArray("float", "\(name)_bias", bias.map(CHeader.float), to: &bytes)
  }

  private func appendArray(_ type: String, _ name: String, _ elements: [String], to bytes: inout [UInt8]) {
    bytes += Array("static const \(type) \(name)[\(elements.count)] = {".utf8)
    for (index, element) in elements.enumerated() {
      bytes += Array(index % 16 == 0 ? "\n  ".utf8 : " ".utf8)
      bytes += Array(element.utf8)
      bytes.append(UInt8(ascii: ","))
    }
    bytes += Array("\n};\n\n".utf8)
  }

  private func floats(_ numbers: [Float]) -> String { numbers.map(CHeader.float).joined(separator: ", ") }

  /// The shortest decimal that reads back as the same float.
  private static func float(_ number: Float) -> String { "\(number)f" }

  private func constant(_ operation: Operation) -> String { "\(prefix)_\(operation.name.identifier)" }

  /// A string literal of any text: bytes beyond ASCII, quotes, backslashes and question marks (trigraphs) in octal.
  private static func literal(_ text: String) -> String {
    var literal = "\""
    for byte in text.utf8 {
      if (32..<127).contains(byte), !["\"", "\\", "?"].contains(Character(UnicodeScalar(byte))) {
        literal.append(Character(UnicodeScalar(byte)))
      } else {
        let digits = String(byte, radix: 8)
        literal += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
      }
    }
    return literal + "\""
  }

  /// A text inside a comment, which it must not end.
  private static func comment(_ text: String) -> String {
    singleLine(text).replacing("*/", with: "* /").replacing("/*", with: "/ *")
  }

  // MARK: Functions

  /// The functions that the operations need. Unused ones are left out: compilers warn of them.
  private var functions: String {
    let shape = checkpoint.model.inputShape
    var text = """
      static void \(prefix)_scale_pixels(const uint8_t *pixels, float *image) {
        for (int i = 0; i < \(shape.count); i++) {
          const int channel = \(checkpoint.normalization.means.count == 1 ? "0" : "i / \(shape.height * shape.width)");
          image[i] = ((float)pixels[i] / 255.0f - \(prefix)_mean[channel]) / \(prefix)_deviation[channel];
        }
      }


      """
    let kinds = Set(operations.map(\.function))
    for function in CFunction.allCases where kinds.contains(function) {
      text += function.text(prefix, isQuantized: isQuantized) + "\n\n"
    }
    if !givesLogits { text += softmax + "\n\n" }
    return text
  }

  private var softmax: String {
    """
    static void \(prefix)_softmax(const float *logits, float *probabilities) {
      float largest = logits[0], sum = 0.0f;
      for (int i = 1; i < \(checkpoint.outputs.count); i++) if (logits[i] > largest) largest = logits[i];
      for (int i = 0; i < \(checkpoint.outputs.count); i++) sum += probabilities[i] = expf(logits[i] - largest);
      for (int i = 0; i < \(checkpoint.outputs.count); i++) probabilities[i] /= sum;
    }
    """
  }

  private var call: String {
    var lines: [String] = ["\(prefix)_scale_pixels(pixels, scratch);"]
    for (index, operation) in operations.enumerated() {
      let isLast = index == operations.count - 1
      let input = operation.input < 0 ? "scratch" : "scratch + \(plan.places[operation.input])"
      let output = isLast && givesLogits ? "logits" : "scratch + \(plan.places[index])"
      lines.append(line(operation, input, output))
      if isLast, !givesLogits { lines.append("\(prefix)_softmax(\(output), probabilities);") }
    }
    return """
      /* The comment at the top of this file says how to call it. */
      static inline void \(prefix)_predict(const uint8_t *pixels, float *scratch, float *\(result)) {
      \(lines.map { "  \($0)" }.joined(separator: "\n"))
      }

      #endif

      """
  }

  private func line(_ operation: Operation, _ input: String, _ output: String) -> String {
    let name = constant(operation)
    let numbers = "\(name)_weight, \(isQuantized ? "\(name)_scale, " : "")\(name)_bias"
    let (before, after) = (operation.inputShape, operation.outputShape)
    let function = "\(prefix)_\(operation.function.rawValue)"
    switch operation.kind {
    case .linear: return "\(function)(\(input), \(before.count), \(numbers), \(after.count), \(output));"
    case .convolution(let convolution):
      let map = "\(before.channels), \(before.height), \(before.width)"
      let window = "\(convolution.kernel), \(convolution.stride), \(convolution.zeros.before), \(convolution.groups)"
      return
        "\(function)(\(input), \(map), \(numbers), \(window), \(output), \(after.channels), \(after.height), \(after.width));"
    case .addition(let other): return "\(function)(scratch + \(plan.places[other]), \(after.count), \(output));"
    case .activation: return "\(function)(\(output), \(after.count));"
    case .pooling(_, let size, let stride, let padding):
      let map = "\(before.channels), \(before.height), \(before.width)"
      return
        "\(function)(\(input), \(map), \(size), \(stride), \(padding), \(output), \(after.height), \(after.width));"
    }
  }
}
