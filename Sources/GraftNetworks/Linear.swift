import GraftKernelCalls
import GraftMatrices

/// A fully connected layer: `output = input · weightᵀ + bias`, with PyTorch's [outputs × inputs] weight.
///
/// Holds where its parameters are, not the parameters. Forward and backward are a plain pair of functions; where a rectifier
/// follows, it is computed in the same pass.
public struct Linear: Sendable, Hashable {
  public let inputs: Int
  public let outputs: Int
  public let weight: ParameterSlice
  /// Nil where a normalisation follows, which would take it away again.
  public let bias: ParameterSlice?
}

extension Linear {
  /// - Parameters:
  ///   - input: [rows × inputs]
  ///   - output: [rows × outputs]
  func forward(
    _ input: Matrix, rows: Int, _ parameters: Parameters, rectifies: Bool, into output: inout Matrix, team: Team
  ) {
    if weight.isInputMajor {
      product(
        input, rows: rows, parameters.block, weight: weight.layout, bias: bias?.layout, rectifies: rectifies,
        into: &output, team: team)
    } else {
      productWithTransposed(
        input, rows: rows, parameters.block, weight: weight.layout, bias: bias?.layout, rectifies: rectifies,
        into: &output, team: team)
    }
  }

  /// Forward of a first layer from lit pixels.
  func forward(
    _ pixels: PixelBatch, _ parameters: Parameters, rectifies: Bool, into output: inout Matrix, team: Team
  ) {
    pixelProduct(
      pixels, parameters.block, weight: weight.layout, bias: bias?.layout, rectifies: rectifies, into: &output,
      team: team)
  }

  /// ∂loss/∂input = ∂loss/∂output · weight. Never asked of a first layer, the only one that is input-major.
  ///
  /// - Parameter rectified: The output of a rectifier before this layer: then the gradient of the rectifier's own input.
  func inputGradient(
    _ outputGradient: Matrix, rows: Int, _ parameters: Parameters, where rectified: Matrix?,
    into inputGradient: inout Matrix, team: Team
  ) {
    precondition(!weight.isInputMajor)
    product(
      outputGradient, rows: rows, parameters.block, weight: weight.layout, where: rectified, into: &inputGradient,
      team: team)
  }

  /// ∂loss/∂weight = outputGradientᵀ · input, as [outputs × inputs] or, input-major, its transpose.
  func weightGradient(_ outputGradient: Matrix, input: Matrix, rows: Int) -> WeightGradient {
    weight.isInputMajor
      ? .product(left: input, right: outputGradient, rows: rows)
      : .product(left: outputGradient, right: input, rows: rows)
  }
}
