import Matrices

/// A layer of a model. The set is closed: whatever trains can be saved, compared, frozen and exported.
public enum Layer: Sendable, Hashable {
  case linear(Linear)
  /// max(x, 0), unit by unit.
  case relu(units: Int)

  /// Width of the layer's output.
  public var outputs: Int {
    switch self {
    case .linear(let linear): linear.outputs
    case .relu(let units): units
    }
  }

  /// The layer's parameters; none for an activation.
  public var slices: [ParameterSlice] {
    switch self {
    case .linear(let linear): [linear.weight, linear.bias]
    case .relu: []
    }
  }
}

/// A fully connected layer: `output = input · weightᵀ + bias`, with PyTorch's [outputs × inputs] weight.
///
/// Holds where its parameters are, not the parameters. Forward and backward are a plain pair of functions.
public struct Linear: Sendable, Hashable {
  public let inputs: Int
  public let outputs: Int
  public let weight: ParameterSlice
  public let bias: ParameterSlice
}

extension Linear {
  /// - Parameters:
  ///   - input: [rows × inputs]
  ///   - output: [rows × outputs]
  func forward(_ input: Matrix, rows: Int, _ parameters: Parameters, into output: inout Matrix) {
    if weight.isInputMajor {
      product(input, rows: rows, parameters.block, weight: weight.layout, bias: bias.layout, into: &output)
    } else {
      productWithTransposed(
        input, rows: rows, parameters.block, weight: weight.layout, bias: bias.layout, into: &output)
    }
  }

  /// Forward of a first layer from lit pixels.
  func forward(_ pixels: PixelBatch, _ parameters: Parameters, into output: inout Matrix) {
    sparseProduct(pixels, parameters.block, weight: weight.layout, bias: bias.layout, into: &output)
  }

  /// ∂loss/∂input = ∂loss/∂output · weight. Never asked of a first layer, the only one that is input-major.
  func inputGradient(_ outputGradient: Matrix, rows: Int, _ parameters: Parameters, into inputGradient: inout Matrix) {
    precondition(!weight.isInputMajor)
    product(outputGradient, rows: rows, parameters.block, weight: weight.layout, bias: nil, into: &inputGradient)
  }

  /// ∂loss/∂weight = outputGradientᵀ · input, as [outputs × inputs] or, input-major, its transpose.
  func weightGradient(_ outputGradient: Matrix, input: Matrix, rows: Int) -> WeightGradient {
    weight.isInputMajor
      ? .product(left: input, right: outputGradient, rows: rows)
      : .product(left: outputGradient, right: input, rows: rows)
  }
}
