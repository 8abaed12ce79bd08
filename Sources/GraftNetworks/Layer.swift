import GraftKernelCalls
import GraftMatrices

/// A layer of a model: weights, and the operations between them and the next layer's. The set of layers is closed, so every layer
/// that trains can be saved, compared, frozen and exported.
package struct Layer: Sendable, Hashable {
  /// The weights of a layer, of one of two kinds.
  package enum Weights: Sendable, Hashable {
    case linear(Linear)
    case convolution(Convolution)
  }

  /// PyTorch's name, such as `conv1` or `fc1`.
  package let name: String
  /// The weights and, if nothing normalises them, the bias.
  package let weights: Weights
  /// The batch normalisation; nil if there is none.
  package let norm: BatchNorm?
  /// The nonlinearity of the output, unit by unit; the head's is the identity.
  package let function: ActivationFunction
  /// Whether the layer is the model's last.
  package let isHead: Bool
  /// The layer whose output this one reads; -1 for the model's input.
  package let input: Int
  /// The layer whose output is added before the nonlinearity; nil if there is none.
  package let adding: Int?
  /// The pooling of the feature map; nil if there is none.
  package let pooling: Pooling?
  /// Shape of the layer's input.
  package let inputShape: ImageShape
  /// Shape of the weights' output, before pooling.
  package let mapShape: ImageShape
  /// Shape of the layer's output, after pooling.
  package let outputShape: ImageShape
  /// Layout of `mapShape` in a row of a matrix.
  let mapLayout: MapLayout
  /// Layout of the output, with the border that the next layer needs.
  package let outputLayout: MapLayout
  /// Layout of the output's gradient, with a border if the next layer spreads its own gradient.
  let gradientLayout: MapLayout
  /// Layout of the gradient of the weights' output, with the zeros that the backward pass through a convolution reads.
  let mapGradientLayout: MapLayout

  /// Numbers in the layer's output.
  package var outputs: Int { outputShape.count }

  /// The layer's learned parameters.
  package var slices: [ParameterSlice] {
    switch weights {
    case .linear(let linear): [linear.weight] + (linear.bias.map { [$0] } ?? []) + (norm?.learned ?? [])
    case .convolution(let convolution):
      [convolution.weight] + (convolution.bias.map { [$0] } ?? []) + (norm?.learned ?? [])
    }
  }

  /// The learned parameters and the running statistics.
  package var allSlices: [ParameterSlice] { slices + (norm.map { [$0.runningMean, $0.runningVariance] } ?? []) }

  /// The weight: [outputs × inputs], for a convolution [outputs × inputs / groups × kernel × kernel].
  package var weight: ParameterSlice {
    switch weights {
    case .linear(let linear): linear.weight
    case .convolution(let convolution): convolution.weight
    }
  }

  /// The bias, [outputs]; nil if a normalisation follows.
  package var bias: ParameterSlice? {
    switch weights {
    case .linear(let linear): linear.bias
    case .convolution(let convolution): convolution.bias
    }
  }

  /// Whether the weights produce the layer's output directly, rectified in the same pass. Otherwise their output is kept, and an
  /// activation makes the layer's output of it.
  var isPlain: Bool { plain != nil }

  /// The weights of a plain layer; nil for other layers.
  var plain: Linear? {
    if case .linear(let linear) = weights, norm == nil, function == .relu || isHead { linear } else { nil }
  }

  /// Whether the output is rectified by max(x, 0).
  package var isRectified: Bool { function == .relu }

  var activation: ChannelActivation {
    ChannelActivation(function, pooling: pooling?.activation(on: mapShape))
  }

  /// Multiply-adds for one image.
  package var multiplyAdds: Int {
    switch weights {
    case .linear(let linear): linear.inputs * linear.outputs
    case .convolution(let convolution): mapShape.height * mapShape.width * convolution.weight.count
    }
  }
}
