import GraftFiles
import GraftKernelCalls
import GraftMatrices

/// A model's architecture, apart from its weights: the blocks of its body, from the input on. A head with one output per class
/// follows.
///
/// `softmax` is softmax regression, `mlp:500,300` two hidden layers of rectified units, `cnn:16c5-p2-128` a convolution of 16
/// channels with windows of 5 × 5, pooled by two, and a hidden layer of 128 units (see ``init(parsing:)``).
public struct Architecture: Sendable, Hashable {
  /// Blocks of the body: convolutions first, then linear ones. Empty for softmax regression.
  package let body: [Block]
  /// The name of a published family, such as `resnet18`; nil for an architecture that its blocks describe.
  package let family: String?
  /// PyTorch's name of the head in that family; nil for `fc` and a number.
  package let headName: String?

  /// An architecture of the blocks in `body`, convolutions first.
  package init(body: [Block], family: String? = nil, headName: String? = nil) {
    precondition(zip(body, body.dropFirst()).allSatisfy { $0.isConvolution || !$1.isConvolution })
    precondition(body.allSatisfy { $0.isConvolution || $0.pooling == nil && $0.input == nil && $0.adding == nil })
    for (index, block) in body.enumerated() {
      // A block reads what was computed before it; -1 is the input.
      precondition(block.input.map { (-1..<index).contains($0) } ?? true)
      precondition(block.adding.map { (0..<index).contains($0) } ?? true)
    }
    self.body = body
    self.family = family
    self.headName = headName
  }

  /// An architecture of fully connected layers.
  ///
  /// - Parameter hiddenUnits: Units of each hidden layer, from the input on.
  public init(hiddenUnits: [Int]) { self.init(body: hiddenUnits.map { Block(.linear(units: $0)) }) }

  /// Softmax regression: a head without a body.
  package static let softmax = Architecture(body: [])
  /// The study's network, with one hidden layer of 500 units.
  public static let study = Architecture(hiddenUnits: [500])
  /// Two convolutions and a hidden layer, after LeCun, Bottou, Bengio and Haffner's LeNet-5 (1998): a step takes milliseconds.
  package static let smallConvolutional = Architecture(
    body: [
      Block(.convolution(ConvolutionShape(channels: 16, kernel: 5)), pooling: .maximum(size: 2)),
      Block(.convolution(ConvolutionShape(channels: 32, kernel: 5)), pooling: .maximum(size: 2)),
      Block(.linear(units: 128)),
    ])

  /// Five normalised convolutions of 3 × 3, in two pairs and one, all padded and each group pooled, and a hidden layer:
  /// `cnn:32c3p1b-32c3p1b-p2-64c3p1b-64c3p1b-p2-128c3p1b-p2-128`, twenty-two million multiply-adds for an image of MNIST.
  package static let bestConvolutional: Architecture = {
    func convolution(_ channels: Int, isLast: Bool) -> Block {
      Block(
        .convolution(ConvolutionShape(channels: channels, kernel: 3, padding: 1)), norm: .usual,
        pooling: isLast ? .maximum(size: 2) : nil)
    }
    return Architecture(
      body: [
        convolution(32, isLast: false), convolution(32, isLast: true), convolution(64, isLast: false),
        convolution(64, isLast: true), convolution(128, isLast: true), Block(.linear(units: 128)),
      ])
  }()

  /// Whether the model reads images as feature maps.
  package var isConvolutional: Bool { body.first?.isConvolution ?? false }

  /// The block whose output a block reads; -1 for the input.
  package func source(of index: Int) -> Int { index < body.count ? body[index].input ?? index - 1 : body.count - 1 }

  /// The shapes of the input and of each block's output, the head's last.
  ///
  /// - Throws: If a window is larger than its input, if a residual connection joins maps of different shapes, or if there would be
  ///   more than `maximumMapNumbers`.
  func shapes(on input: ImageShape, classCount: Int) throws(GraftFailure) -> [ImageShape] {
    var shapes = [input]
    var mapNumbers = 0
    for (index, block) in body.enumerated() {
      let name = block.name ?? "conv\(index + 1)"
      let shape = shapes[source(of: index) + 1]
      let output = try self.shape(of: block, name, on: shape)
      if let adding = block.adding, let map = block.map(on: shape), shapes[adding + 1] != map {
        throw GraftFailure(
          .usage, "model '\(self)': \(name) computes \(map), to which \(shapes[adding + 1]) cannot be added")
      }
      mapNumbers += block.mapNumbers(on: shape)
      // Checked block by block, so that maps that grow through their padding never overflow.
      guard mapNumbers <= Architecture.maximumMapNumbers else {
        throw GraftFailure(
          .usage,
          "model '\(self)': up to \(name) the maps of one image of \(input) take \(mapNumbers) numbers, "
            + "the most is \(Architecture.maximumMapNumbers)")
      }
      shapes.append(output)
    }
    return shapes + [ImageShape(channels: classCount, height: 1, width: 1)]
  }

  private func shape(
    of block: Block, _ name: String, on input: ImageShape
  ) throws(GraftFailure) -> ImageShape {
    switch block.weights {
    case .linear(let units): return ImageShape(channels: units, height: 1, width: 1)
    case .convolution(let convolution):
      guard !convolution.isDepthwise || input.channels == convolution.channels else {
        throw GraftFailure(
          .usage,
          "model '\(self)': \(name) has \(convolution.groups) groups, one for each channel, and reads "
            + "\(input.channels) channels")
      }
      guard convolution.margins(on: input) != nil else {
        throw GraftFailure(
          .usage, "model '\(self)': \(name) asks for a square, its input is \(input.height)x\(input.width)")
      }
      guard let map = convolution.output(on: input) else {
        throw GraftFailure(
          .usage,
          "model '\(self)': \(name)'s window of \(convolution.kernel)x\(convolution.kernel) is larger than its "
            + "input of \(input.height)x\(input.width)")
      }
      guard let pooling = block.pooling else { return map }
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
      let input = shapes[source(of: index) + 1]
      var (inputs, outputs, isNormalized) = (input.count, output.channels, false)
      if index < body.count {
        isNormalized = body[index].norm != nil
        if case .convolution(let convolution) = body[index].weights {
          let channels = input.channels / convolution.groups
          (inputs, outputs) = (channels * convolution.kernel * convolution.kernel, convolution.channels)
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

  /// Most numbers in all feature maps of one image; more are taken for a mistake: 64 MB, and a training keeps them three times for
  /// each image of a batch.
  static let maximumMapNumbers = 1 << 24

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
