import GraftKernelCalls
import GraftMatrices

/// A layer of a model: weights, and what follows them until the next layer's. The set is closed: whatever trains can be saved,
/// compared, frozen and exported.
public struct Layer: Sendable, Hashable {
  public enum Weights: Sendable, Hashable {
    case linear(Linear)
    case convolution(Convolution)
  }

  /// PyTorch's: `conv1`, `fc1`.
  public let name: String
  public let weights: Weights
  public let norm: BatchNorm?
  /// Whether max(x, 0) is taken, unit by unit; of every layer but the head.
  public let isRectified: Bool
  public let pooling: Pooling?
  public let inputShape: ImageShape
  /// What the weights compute, before pooling.
  public let mapShape: ImageShape
  public let outputShape: ImageShape
  /// How ``mapShape`` lies in a row of a matrix.
  let mapLayout: MapLayout
  /// How the output does: with the border that the next layer asks for.
  package let outputLayout: MapLayout
  /// The gradient of the output: with a border where the next layer spreads its own.
  let gradientLayout: MapLayout
  /// The gradient of what the weights compute, with the zeros that the way back through a convolution reads.
  let mapGradientLayout: MapLayout

  /// Numbers in the layer's output.
  public var outputs: Int { outputShape.count }

  /// The layer's learned parameters.
  public var slices: [ParameterSlice] {
    switch weights {
    case .linear(let linear): [linear.weight] + (linear.bias.map { [$0] } ?? []) + (norm?.learned ?? [])
    case .convolution(let convolution):
      [convolution.weight] + (convolution.bias.map { [$0] } ?? []) + (norm?.learned ?? [])
    }
  }

  /// The learned parameters and the running statistics.
  package var allSlices: [ParameterSlice] { slices + (norm.map { [$0.runningMean, $0.runningVariance] } ?? []) }

  public var weight: ParameterSlice {
    switch weights {
    case .linear(let linear): linear.weight
    case .convolution(let convolution): convolution.weight
    }
  }

  public var bias: ParameterSlice? {
    switch weights {
    case .linear(let linear): linear.bias
    case .convolution(let convolution): convolution.bias
    }
  }

  /// Whether the weights leave the layer's output at once, rectified in the same pass. Otherwise what they compute is kept, and
  /// an activation makes the output of it.
  var isPlain: Bool { plain != nil }

  /// The weights of a plain layer; nil of another.
  var plain: Linear? { if case .linear(let linear) = weights, norm == nil { linear } else { nil } }

  var activation: ChannelActivation {
    ChannelActivation(rectifies: isRectified, pooling: pooling?.activation(on: mapShape))
  }

  /// Multiply-adds of one image.
  public var multiplyAdds: Int {
    switch weights {
    case .linear(let linear): linear.inputs * linear.outputs
    case .convolution(let convolution): mapShape.height * mapShape.width * convolution.weight.count
    }
  }
}
