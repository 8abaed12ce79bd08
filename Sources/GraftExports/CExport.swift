import GraftFiles
import GraftKernelCalls
import GraftMatrices
import GraftNetworks

/// The export as one header of C99 that needs no library but the C library's `expf`: weights as constants, and a function from pixels to
/// probabilities that allocates nothing.
struct CExport: ModelFormat {
  let name = "c"
  let title = "a header of C99 without allocations"
  let product = ExportProduct.file("h")
  let wishes: Set<ExportWish> = [.logits, .quantized]

  func encode(_ model: ExportedModel) throws -> [ExportedFile] {
    var header = CHeader(model)
    return [ExportedFile(header.bytes())]
  }
}

/// The text of a header in the making.
private struct CHeader {
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
    prefix = CHeader.identifier(model.name)
    isQuantized = model.wishes.contains(.quantized)
    givesLogits = model.wishes.contains(.logits)
  }

  /// A name that C accepts: letters, digits and underscores, beginning with a letter.
  static func identifier(_ text: String) -> String {
    let letters = text.unicodeScalars.map { scalar in
      scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)) ? Character(scalar) : "_"
    }
    let name = String(letters)
    return name.first?.isLetter == true ? name : "model_\(name)"
  }

  mutating func bytes() -> [UInt8] {
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

  private func constant(_ operation: Operation) -> String {
    "\(prefix)_\(operation.name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }.reduce(into: "") { $0.append($1) })"
  }

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

  /// The functions that the operations need. Others are left out, because a compiler would warn that nobody calls them.
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
    var lines: [String] = ["\(prefix)_scale_pixels(pixels, scratch + \(plan.image));"]
    for (index, operation) in operations.enumerated() {
      let isLast = index == operations.count - 1
      let input = "scratch + \(operation.input < 0 ? plan.image : plan.places[operation.input])"
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

/// A function of the header.
private enum CFunction: String, CaseIterable {
  case linear, convolution, add, identity, relu, relu6, silu
  case hardSwish = "hard_swish"
  case maximum, average

  func text(_ prefix: String, isQuantized: Bool) -> String {
    let weights =
      isQuantized
      ? "const int8_t *weight, const float *scale, const float *bias" : "const float *weight, const float *bias"
    let scaled = { (output: String) in
      isQuantized ? "bias[\(output)] + scale[\(output)] * sum" : "bias[\(output)] + sum"
    }
    let number = isQuantized ? "(float)" : ""
    switch self {
    case .linear:
      return """
        static void \(prefix)_linear(const float *input, int inputs, \(weights), int outputs, float *output) {
          for (int o = 0; o < outputs; o++) {
            float sum = 0.0f;
            for (int i = 0; i < inputs; i++) sum += input[i] * \(number)weight[o * inputs + i];
            output[o] = \(scaled("o"));
          }
        }
        """
    case .convolution:
      return """
        /* A map [channels][height][width] under a window of size x size for each output and each of its group's channels; pixels outside are zeros. */
        static void \(prefix)_convolution(const float *input, int channels, int height, int width, \(weights), int size, int stride, int padding,
                                          int groups, float *output, int outputs, int rows, int columns) {
          const int inputs = channels / groups;
          for (int o = 0; o < outputs; o++) {
            const float *maps = input + o / (outputs / groups) * inputs * height * width;
            for (int y = 0; y < rows; y++)
              for (int x = 0; x < columns; x++) {
                float sum = 0.0f;
                for (int c = 0; c < inputs; c++)
                  for (int i = 0; i < size; i++) {
                    const int row = y * stride + i - padding;
                    if (row < 0 || row >= height) continue;
                    for (int j = 0; j < size; j++) {
                      const int column = x * stride + j - padding;
                      if (column < 0 || column >= width) continue;
                      sum += maps[(c * height + row) * width + column] * \(number)weight[((o * inputs + c) * size + i) * size + j];
                    }
                  }
                output[(o * rows + y) * columns + x] = \(scaled("o"));
              }
          }
        }
        """
    case .add:
      return """
        static void \(prefix)_add(const float *other, int count, float *values) {
          for (int i = 0; i < count; i++) values[i] += other[i];
        }
        """
    case .identity: return elementwise(prefix, "values[i]")
    case .relu: return elementwise(prefix, "values[i] > 0.0f ? values[i] : 0.0f")
    case .relu6: return elementwise(prefix, "values[i] < 0.0f ? 0.0f : values[i] > 6.0f ? 6.0f : values[i]")
    case .silu: return elementwise(prefix, "values[i] / (1.0f + expf(-values[i]))")
    case .hardSwish:
      return elementwise(
        prefix, "values[i] <= -3.0f ? 0.0f : values[i] >= 3.0f ? values[i] : values[i] * (values[i] + 3.0f) / 6.0f")
    case .maximum: return pooling(prefix, "float value = -INFINITY;", "if (pixel > value) value = pixel;", "value")
    case .average: return pooling(prefix, "float value = 0.0f;", "value += pixel;", "value / (float)(size * size)")
    }
  }

  private func elementwise(_ prefix: String, _ value: String) -> String {
    """
    static void \(prefix)_\(rawValue)(float *values, int count) {
      for (int i = 0; i < count; i++) values[i] = \(value);
    }
    """
  }

  private func pooling(_ prefix: String, _ start: String, _ step: String, _ value: String) -> String {
    """
    static void \(prefix)_\(rawValue)(const float *input, int channels, int height, int width, int size, int stride, int padding, float *output,
                                 int rows, int columns) {
      for (int c = 0; c < channels; c++)
        for (int y = 0; y < rows; y++)
          for (int x = 0; x < columns; x++) {
            \(start)
            for (int i = 0; i < size; i++) {
              const int row = y * stride + i - padding;
              if (row < 0 || row >= height) continue;
              for (int j = 0; j < size; j++) {
                const int column = x * stride + j - padding;
                if (column < 0 || column >= width) continue;
                const float pixel = input[(c * height + row) * width + column];
                \(step)
              }
            }
            output[(c * rows + y) * columns + x] = \(value);
          }
    }
    """
  }
}

extension Operation {
  fileprivate var function: CFunction {
    switch kind {
    case .linear: .linear
    case .convolution: .convolution
    case .addition: .add
    case .activation(.identity): .identity
    case .activation(.relu): .relu
    case .activation(.relu6): .relu6
    case .activation(.silu): .silu
    case .activation(.hardSwish): .hardSwish
    case .pooling(.maximum, _, _, _): .maximum
    case .pooling(.average, _, _, _): .average
    }
  }
}
