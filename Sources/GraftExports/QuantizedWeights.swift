import GraftMatrices
import GraftNetworks

/// Weights of 8 bits: each output's are multiples, from -127 to 127, of a scale of its own (symmetric quantization per channel; Jacob et
/// al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", 2018, section 2.1, without zero
/// points). Inputs and sums stay floats.
struct QuantizedWeights {
  /// As many as the weight has numbers.
  let values: [Int8]
  /// [outputs].
  let scales: [Float]

  /// - Parameter outputs: The weight's first dimension.
  init(_ weight: [Float], outputs: Int) {
    let inputs = weight.count / outputs
    var (values, scales): ([Int8], [Float]) = ([], [])
    values.reserveCapacity(weight.count)
    for output in 0..<outputs {
      let row = weight[output * inputs..<(output + 1) * inputs]
      let largest = row.reduce(0) { max($0, abs($1)) }
      // A row of zeros, or of numbers whose 127th part is no normal number, has nothing to keep.
      let scale = largest / 127 >= .leastNormalMagnitude ? largest / 127 : 1
      scales.append(scale)
      for number in row { values.append(Int8(min(127, max(-127, (number / scale).rounded(.toNearestOrEven))))) }
    }
    (self.values, self.scales) = (values, scales)
  }

  /// The numbers that the 8 bits stand for.
  var numbers: [Float] {
    let inputs = values.count / scales.count
    return values.enumerated().map { Float($1) * scales[$0 / inputs] }
  }
}

extension Checkpoint {
  /// The model as an export with weights of 8 bits has it: normalisations folded, weights rounded. It tells what the rounding costs.
  package var quantized: Checkpoint {
    var copy = self
    copy.model = model.foldingNorms()
    for slice in copy.model.parameters.slices where slice.shape.count > 1 {
      let weights = QuantizedWeights(copy.model.parameters.values(of: slice), outputs: slice.shape[0])
      let numbers = weights.numbers
      copy.model.parameters.setValues(of: slice, to: numbers)
    }
    return copy
  }
}
