import GraftKernelCalls
import GraftMatrices

extension Architecture {
  /// A block of a body: weights, then a normalisation, a residual connection, a nonlinearity and pooling, in this order. All but the
  /// weights and the nonlinearity may be missing.
  package struct Block: Sendable, Hashable {
    /// The kind and size of a block's weights.
    package enum Weights: Sendable, Hashable {
      case linear(units: Int)
      case convolution(ConvolutionShape)
    }

    /// Kind and size of the weights.
    package let weights: Weights
    /// The normalisation of the weights' output over the batch; nil if there is none.
    package let norm: NormShape?
    /// The block whose output is added before the nonlinearity (He et al., "Deep Residual Learning", 2016; in inverted residuals
    /// the nonlinearity is the identity); nil if there is none.
    package let adding: Int?
    /// The nonlinearity.
    package let function: ActivationFunction
    /// Pooling of the block's feature map; convolutions only.
    package let pooling: Pooling?
    /// The block whose output this one reads, -1 for the input; nil for the block before it.
    package let input: Int?
    /// PyTorch's name of the weights in a published family; nil for `conv` or `fc` and a number.
    package let name: String?
    /// PyTorch's name of the normalisation in a published family; nil for `bn` and a number.
    package let normName: String?

    /// A block with these weights; `pooling` is for convolutions only.
    package init(
      _ weights: Weights, norm: NormShape? = nil, adding: Int? = nil, function: ActivationFunction = .relu,
      pooling: Pooling? = nil, input: Int? = nil, name: String? = nil, normName: String? = nil
    ) {
      self.weights = weights
      self.norm = norm
      self.adding = adding
      self.function = function
      self.pooling = pooling
      self.input = input
      self.name = name
      self.normName = normName
    }

    package var isConvolution: Bool { if case .convolution = weights { true } else { false } }

    /// The shape of the weights' output, before pooling; nil if a window is larger than the input.
    func map(on input: ImageShape) -> ImageShape? {
      switch weights {
      case .linear(let units): ImageShape(channels: units, height: 1, width: 1)
      case .convolution(let shape): shape.output(on: input)
      }
    }

    /// Numbers that a training allocates for a convolution's feature maps of one image, with the zeros around and between them.
    func mapNumbers(on input: ImageShape) -> Int {
      guard case .convolution(let shape) = weights, let map = shape.output(on: input) else { return 0 }
      return Convolution.gradientLayout(map, shape, on: input).count
    }
  }
}
