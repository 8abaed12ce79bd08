import GraftKernelCalls
import GraftMatrices

/// A fully connected layer: `output = input · weightᵀ + bias`, with PyTorch's [outputs × inputs] weight.
///
/// The layer stores where its parameters are, not the parameters. Forward and backward are a plain pair of functions; if a
/// rectifier follows, it is computed in the same pass.
package struct Linear: Sendable, Hashable {
  /// Numbers in the input.
  package let inputs: Int
  /// Units, the numbers in the output.
  package let outputs: Int
  /// The weight, [outputs × inputs].
  package let weight: ParameterSlice
  /// The bias, [outputs]; nil if a normalisation follows, which would subtract it again.
  package let bias: ParameterSlice?
}

extension Linear {
  /// Computes the output.
  ///
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

  /// Computes the output of a first layer from lit pixels.
  func forward(
    _ pixels: PixelBatch, _ parameters: Parameters, rectifies: Bool, into output: inout Matrix, team: Team
  ) {
    pixelProduct(
      pixels, parameters.block, weight: weight.layout, bias: bias?.layout, rectifies: rectifies, into: &output,
      team: team)
  }

  /// Computes ∂loss/∂input = ∂loss/∂output · weight. Never called for a first layer, the only one that is input-major.
  ///
  /// - Parameter rectified: The output of a rectifier before this layer, if the gradient of the rectifier's own input is wanted.
  func inputGradient(
    _ outputGradient: Matrix, rows: Int, _ parameters: Parameters, where rectified: Matrix?,
    into inputGradient: inout Matrix, team: Team
  ) {
    precondition(!weight.isInputMajor)
    product(
      outputGradient, rows: rows, parameters.block, weight: weight.layout, where: rectified, into: &inputGradient,
      team: team)
  }

  /// The gradient ∂loss/∂weight = outputGradientᵀ · input, as [outputs × inputs] or, input-major, its transpose.
  func weightGradient(_ outputGradient: Matrix, input: Matrix, rows: Int) -> WeightGradient {
    weight.isInputMajor
      ? .product(left: input, right: outputGradient, rows: rows)
      : .product(left: outputGradient, right: input, rows: rows)
  }
}
