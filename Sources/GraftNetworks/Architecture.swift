import GraftFiles
import GraftKernelCalls
import GraftMatrices

/// A model's architecture, apart from its weights: the layers of its body, from the input on. A head with one output per class
/// follows.
///
/// `softmax` is softmax regression, `mlp:500,300` two hidden layers of rectified units, `cnn:16c5-p2-128` a convolution of 16
/// channels with windows of 5 × 5, pooled by two, and a hidden layer of 128 units (see ``init(parsing:)``).
public struct Architecture: Sendable, Hashable {
  /// One layer of a body; it is rectified, and then pooled if `pooling` is set.
  package struct BodyLayer: Sendable, Hashable {
    /// The kind and size of a layer's weights.
    package enum Weights: Sendable, Hashable {
      case linear(units: Int)
      case convolution(ConvolutionShape)
    }

    /// Kind and size of the weights.
    package let weights: Weights
    /// Whether the output of the weights is normalised over the batch.
    package let isNormalized: Bool
    /// Pooling of the layer's feature map; convolutions only.
    package let pooling: Pooling?

    /// A layer with these weights; `pooling` is for convolutions only.
    package init(_ weights: Weights, isNormalized: Bool = false, pooling: Pooling? = nil) {
      self.weights = weights
      self.isNormalized = isNormalized
      self.pooling = pooling
    }

    package var isConvolution: Bool { if case .convolution = weights { true } else { false } }
  }

  /// Layers of the body: convolutions first, then linear layers. Empty for softmax regression.
  package let body: [BodyLayer]

  /// An architecture of the layers in `body`, convolutions first.
  package init(body: [BodyLayer]) {
    precondition(zip(body, body.dropFirst()).allSatisfy { $0.isConvolution || !$1.isConvolution })
    precondition(body.allSatisfy { $0.isConvolution || $0.pooling == nil })
    self.body = body
  }

  /// An architecture of fully connected layers.
  ///
  /// - Parameter hiddenUnits: Units of each hidden layer, from the input on.
  public init(hiddenUnits: [Int]) { self.init(body: hiddenUnits.map { BodyLayer(.linear(units: $0)) }) }

  /// Softmax regression: a head without a body.
  package static let softmax = Architecture(body: [])
  /// The study's network, with one hidden layer of 500 units.
  public static let study = Architecture(hiddenUnits: [500])
  /// Two convolutions and a hidden layer, after LeCun, Bottou, Bengio and Haffner's LeNet-5 (1998): a step takes milliseconds.
  package static let smallConvolutional = Architecture(
    body: [
      BodyLayer(.convolution(ConvolutionShape(channels: 16, kernel: 5)), pooling: .maximum(size: 2)),
      BodyLayer(.convolution(ConvolutionShape(channels: 32, kernel: 5)), pooling: .maximum(size: 2)),
      BodyLayer(.linear(units: 128)),
    ])

  /// Five normalised convolutions of 3 × 3, in two pairs and one, all padded and each group pooled, and a hidden layer:
  /// `cnn:32c3p1b-32c3p1b-p2-64c3p1b-64c3p1b-p2-128c3p1b-p2-128`, twenty-two million multiply-adds for an image of MNIST.
  package static let bestConvolutional: Architecture = {
    func convolution(_ channels: Int, isLast: Bool) -> BodyLayer {
      BodyLayer(
        .convolution(ConvolutionShape(channels: channels, kernel: 3, padding: 1)), isNormalized: true,
        pooling: isLast ? .maximum(size: 2) : nil)
    }
    return Architecture(
      body: [
        convolution(32, isLast: false), convolution(32, isLast: true), convolution(64, isLast: false),
        convolution(64, isLast: true), convolution(128, isLast: true), BodyLayer(.linear(units: 128)),
      ])
  }()

  /// Whether the model reads images as feature maps.
  package var isConvolutional: Bool { body.first?.isConvolution ?? false }

  /// The shapes of the input and of each layer's output, the head's last.
  ///
  /// - Throws: If a window is larger than its input, or if there would be more than `maximumMapNumbers`.
  func shapes(on input: ImageShape, classCount: Int) throws(GraftFailure) -> [ImageShape] {
    var shapes = [input]
    var shape = input
    var mapNumbers = 0
    for (index, layer) in body.enumerated() {
      let output = try self.shape(of: layer, "conv\(index + 1)", on: shape)
      mapNumbers += layer.mapNumbers(on: shape)
      // Checked layer by layer, so that maps that grow through their padding never overflow.
      guard mapNumbers <= Architecture.maximumMapNumbers else {
        throw GraftFailure(
          .usage,
          "model '\(self)': up to conv\(index + 1) the maps of one image of \(input) take \(mapNumbers) numbers, "
            + "the most is \(Architecture.maximumMapNumbers)")
      }
      shape = output
      shapes.append(shape)
    }
    return shapes + [ImageShape(channels: classCount, height: 1, width: 1)]
  }

  private func shape(
    of layer: BodyLayer, _ name: String, on input: ImageShape
  ) throws(GraftFailure) -> ImageShape {
    switch layer.weights {
    case .linear(let units): return ImageShape(channels: units, height: 1, width: 1)
    case .convolution(let convolution):
      guard let map = convolution.output(on: input) else {
        throw GraftFailure(
          .usage,
          "model '\(self)': \(name)'s window of \(convolution.kernel)x\(convolution.kernel) is larger than its "
            + "input of \(input.height)x\(input.width)")
      }
      guard let pooling = layer.pooling else { return map }
      guard let pooled = pooling.output(on: map) else {
        if pooling == .globalAverage {
          throw GraftFailure(
            .usage,
            "model '\(self)': the mean of a whole map asks for a square, \(name) computes \(map.height)x\(map.width)")
        }
        throw GraftFailure(
          .usage,
          "model '\(self)': pooling by \(pooling.window(on: map).size) leaves nothing of the "
            + "\(map.height)x\(map.width) that \(name) computes")
      }
      return pooled
    }
  }

  /// Numbers in a model of this kind that are learned, and running statistics; nil if they are more than an `Int` can express.
  ///
  /// - Throws: As ``check(on:classCount:)`` does for windows.
  package func parameterCount(on input: ImageShape, classCount: Int) throws(GraftFailure) -> Int? {
    let shapes = try shapes(on: input, classCount: classCount)
    var total = 0
    for (index, output) in shapes.dropFirst().enumerated() {
      let input = shapes[index]
      var (inputs, outputs, isNormalized) = (input.count, output.channels, false)
      if index < body.count {
        isNormalized = body[index].isNormalized
        if case .convolution(let convolution) = body[index].weights {
          (inputs, outputs) = (input.channels * convolution.kernel * convolution.kernel, convolution.channels)
        }
      }
      let (weights, isTooMany) = inputs.multipliedReportingOverflow(by: outputs)
      let (sum, overflows) = total.addingReportingOverflow(weights)
      let (all, overflowsToo) = sum.addingReportingOverflow(isNormalized ? 4 * outputs : outputs)
      if isTooMany || overflows || overflowsToo { return nil }
      total = all
    }
    return total
  }

  /// Most numbers of a model; more (a gigabyte, three times that while training) are taken for a mistake.
  package static let maximumParameters = 1 << 28

  /// Most numbers in all feature maps of one image; more are taken for a mistake: 16 MB, and a batch of 64 keeps them four times.
  static let maximumMapNumbers = 1 << 22

  /// Checks that a model of this kind is possible.
  ///
  /// - Throws: If a window is larger than its input, pooling leaves nothing, the feature maps of an image would be too large for
  ///   any memory, or a model of this kind would have more than `maximumParameters` numbers.
  public func check(on input: ImageShape, classCount: Int) throws(GraftFailure) {
    let count = try parameterCount(on: input, classCount: classCount)
    guard let count, count <= Architecture.maximumParameters else {
      throw GraftFailure(
        .usage,
        "model '\(self)' would have \(count.map(String.init) ?? "too many") parameters, the most is "
          + "\(Architecture.maximumParameters)")
    }
  }
}

extension Architecture.BodyLayer {
  /// Numbers that a training allocates for a convolution's feature maps of one image, with the zeros around and between them.
  fileprivate func mapNumbers(on input: ImageShape) -> Int {
    guard case .convolution(let shape) = weights, let map = shape.output(on: input) else { return 0 }
    return Convolution.gradientLayout(map, shape, on: input).count
  }
}
