import GraftKernelCalls
import GraftMatrices

/// One step of a network in use, with its numbers in the layouts that other programs take. Normalisations are folded into the
/// weights before them.
///
/// A format of exports is written from `Model.operations` and knows nothing of layers.
package struct Operation: Sendable {
  /// What is computed.
  package enum Kind: Sendable {
    /// `weight` [outputs × inputs] times the input, plus `bias` [outputs]. A map is read channel by channel, row by row.
    case linear(weight: [Float], bias: [Float])
    case convolution(ConvolutionNumbers)
    /// The output of another operation, by its index, added number by number.
    case addition(Int)
    case activation(ActivationFunction)
    /// The largest or the mean of each window; `padding` positions around the map count for nothing.
    case pooling(Pooling.Kind, size: Int, stride: Int, padding: Int)
  }

  /// The layer's name, such as `conv1`; for what follows its weights with an ending: `conv1.relu`, `conv1.pool`. No two operations
  /// have the same name.
  package let name: String
  package let kind: Kind
  /// The operation whose output this one reads, an index into `Model.operations`; -1 for the image.
  package let input: Int
  package let inputShape: ImageShape
  package let outputShape: ImageShape
}

/// A convolution with its numbers: windows of `kernel` × `kernel` positions, `stride` apart.
package struct ConvolutionNumbers: Sendable {
  /// [outputs × inputs / groups × kernel × kernel].
  package let weight: [Float]
  /// [outputs].
  package let bias: [Float]
  package let kernel: Int
  package let stride: Int
  /// 1, or as many as channels for a depthwise convolution.
  package let groups: Int
  package let zeros: Zeros

  /// Positions of zeros around the input, as many above as to the left.
  package struct Zeros: Sendable, Hashable {
    package let before: Int
    package let below: Int
    package let right: Int
  }
}
