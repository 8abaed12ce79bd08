import GraftKernelCalls
import GraftNetworks

/// A function of the header.
enum CFunction: String, CaseIterable {
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
  var function: CFunction {
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
