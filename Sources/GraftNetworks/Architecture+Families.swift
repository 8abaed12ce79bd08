import GraftKernelCalls
import GraftMatrices

/// Published networks, whose parameters have the names under which their weights are published.
extension Architecture {
  /// The names of the families, in the order of their size.
  package static let familyNames = [
    "resnet9-w16", "resnet9-w32", "resnet9", "resnet18", "resnet34", "resnet18-32", "resnet34-32", "mobilenet-v2",
    "efficientnet-lite0",
    "efficientnet-lite1", "efficientnet-lite2",
  ]

  /// The family of a name; nil if there is none.
  package static func family(named name: String) -> Architecture? {
    switch name {
    case "resnet9": resnet9(name, width: 64)
    case "resnet9-w32": resnet9(name, width: 32)
    case "resnet9-w16": resnet9(name, width: 16)
    case "resnet18": resnet(name, repeats: [2, 2, 2, 2], isForSmallImages: false)
    case "resnet34": resnet(name, repeats: [3, 4, 6, 3], isForSmallImages: false)
    case "resnet18-32": resnet(name, repeats: [2, 2, 2, 2], isForSmallImages: true)
    case "resnet34-32": resnet(name, repeats: [3, 4, 6, 3], isForSmallImages: true)
    case "mobilenet-v2": mobileNetV2
    case "efficientnet-lite0": efficientNetLite(name, width: 1, depth: 1)
    case "efficientnet-lite1": efficientNetLite(name, width: 1, depth: 1.1)
    case "efficientnet-lite2": efficientNetLite(name, width: 1.1, depth: 1.2)
    default: nil
    }
  }

  // MARK: ResNet

  /// ResNet of basic blocks (He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", CVPR 2016, table 1), with
  /// torchvision's names.
  ///
  /// - Parameter isForSmallImages: Whether the stem is one for images of 32 × 32: a convolution of 3 × 3 without a stride, and no
  ///   pooling (section 4.2).
  private static func resnet(_ name: String, repeats: [Int], isForSmallImages: Bool) -> Architecture {
    var body = BlockList(norm: .usual)
    if isForSmallImages {
      body.add(64, kernel: 3, name: "conv1", normName: "bn1")
    } else {
      body.add(
        64, kernel: 7, stride: 2, pooling: Pooling(.maximum, size: 3, stride: 2, padding: 1), name: "conv1",
        normName: "bn1")
    }
    var channels = 64
    for (stage, count) in repeats.enumerated() {
      for index in 0..<count {
        let block = "layer\(stage + 1).\(index)"
        let outputs = 64 << stage
        let stride = stage > 0 && index == 0 ? 2 : 1
        let source = body.last
        let inner = body.add(
          outputs, kernel: 3, stride: stride, reading: source, name: "\(block).conv1", normName: "\(block).bn1")
        var shortcut = source
        if stride > 1 || channels != outputs {
          shortcut = body.add(
            outputs, kernel: 1, stride: stride, function: .identity, reading: source, name: "\(block).downsample.0",
            normName: "\(block).downsample.1")
        }
        let isLast = stage == repeats.count - 1 && index == count - 1
        body.add(
          outputs, kernel: 3, adding: shortcut, pooling: isLast ? .globalAverage : nil, reading: inner,
          name: "\(block).conv2", normName: "\(block).bn2")
        channels = outputs
      }
    }
    return Architecture(body: body.blocks, family: name, headName: "fc")
  }

  /// A residual network of nine layers with weights for small colour images, after Page, "How to Train Your ResNet" (2018): three
  /// pooled convolutions, of which the first and the last are followed by a residual pair.
  ///
  /// - Parameter width: Channels of the first convolution, 64 in Page's network. Half of them are a quarter of the work.
  private static func resnet9(_ name: String, width: Int) -> Architecture {
    var body = BlockList(norm: .usual)
    body.add(width, kernel: 3, name: "conv1", normName: "bn1")
    for (stage, channels) in [2 * width, 4 * width, 8 * width].enumerated() {
      let stageName = "layer\(stage + 1)"
      let source = body.add(
        channels, kernel: 3, pooling: .maximum(size: 2), name: "\(stageName).conv", normName: "\(stageName).bn")
      guard stage != 1 else { continue }
      body.add(channels, kernel: 3, name: "\(stageName).res.conv1", normName: "\(stageName).res.bn1")
      body.add(
        channels, kernel: 3, adding: source, pooling: stage == 2 ? .globalAverage : nil, name: "\(stageName).res.conv2",
        normName: "\(stageName).res.bn2")
    }
    return Architecture(body: body.blocks, family: name, headName: "fc")
  }

  // MARK: Inverted residuals

  /// MobileNetV2 (Sandler, Howard, Zhu, Zhmoginov and Chen, CVPR 2018, table 2), with torchvision's names.
  private static let mobileNetV2: Architecture = {
    var body = BlockList(norm: .usual)
    body.add(32, kernel: 3, stride: 2, function: .relu6, name: "features.0.0", normName: "features.0.1")
    let stages = [
      (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
    ]
    var (channels, number) = (32, 1)
    for (expansion, outputs, repeats, stride) in stages {
      for index in 0..<repeats {
        let name = "features.\(number).conv"
        let names =
          expansion == 1
          ? [("\(name).0.0", "\(name).0.1"), ("\(name).1", "\(name).2")]
          : [("\(name).0.0", "\(name).0.1"), ("\(name).1.0", "\(name).1.1"), ("\(name).2", "\(name).3")]
        body.addInvertedResidual(
          channels, outputs, kernel: 3, stride: index == 0 ? stride : 1, expansion: expansion, names: names)
        (channels, number) = (outputs, number + 1)
      }
    }
    body.add(
      1280, kernel: 1, function: .relu6, pooling: .globalAverage, name: "features.18.0", normName: "features.18.1")
    return Architecture(body: body.blocks, family: "mobilenet-v2", headName: "classifier.1")
  }()

  /// EfficientNet-Lite (Liu, "Higher accuracy on vision models with EfficientNet-Lite", 2020): EfficientNet (Tan and Le, ICML 2019,
  /// table 1) without squeeze and excitation and with ReLU6; the stem, the head, and the repeats of the first and the last stage
  /// are not scaled. Padding is TensorFlow's, the names are timm's (`tf_efficientnet_lite0`).
  private static func efficientNetLite(_ name: String, width: Double, depth: Double) -> Architecture {
    /// Channels times the width, rounded to a multiple of 8, and by at most a tenth downwards.
    func scaled(_ channels: Int) -> Int {
      let exact = Double(channels) * width
      let rounded = max(8, Int(exact + 4) / 8 * 8)
      return Double(rounded) < 0.9 * exact ? rounded + 8 : rounded
    }
    var body = BlockList(norm: NormShape(epsilon: 1e-3, momentum: 0.01), isSame: true)
    body.add(32, kernel: 3, stride: 2, function: .relu6, name: "conv_stem", normName: "bn1")
    let stages = [
      (3, 1, 1, 16, 1), (3, 2, 6, 24, 2), (5, 2, 6, 40, 2), (3, 2, 6, 80, 3), (5, 1, 6, 112, 3), (5, 2, 6, 192, 4),
      (3, 1, 6, 320, 1),
    ]
    var channels = 32
    for (stage, (kernel, stride, expansion, plain, repeats)) in stages.enumerated() {
      let isScaled = stage > 0 && stage < stages.count - 1
      let outputs = scaled(plain)
      for index in 0..<(isScaled ? Int((depth * Double(repeats)).rounded(.up)) : repeats) {
        let block = "blocks.\(stage).\(index)"
        let names =
          expansion == 1
          ? [("\(block).conv_dw", "\(block).bn1"), ("\(block).conv_pw", "\(block).bn2")]
          : [
            ("\(block).conv_pw", "\(block).bn1"), ("\(block).conv_dw", "\(block).bn2"),
            ("\(block).conv_pwl", "\(block).bn3"),
          ]
        body.addInvertedResidual(
          channels, outputs, kernel: kernel, stride: index == 0 ? stride : 1, expansion: expansion, names: names)
        channels = outputs
      }
    }
    body.add(1280, kernel: 1, function: .relu6, pooling: .globalAverage, name: "conv_head", normName: "bn2")
    return Architecture(body: body.blocks, family: name, headName: "classifier")
  }
}

/// Blocks in the making, all normalised, whose windows are padded so that only strides and pooling shrink a map.
private struct BlockList {
  private(set) var blocks: [Architecture.Block] = []
  let norm: NormShape
  /// Whether zeros are put around an input as TensorFlow does.
  let isSame: Bool

  init(norm: NormShape, isSame: Bool = false) {
    self.norm = norm
    self.isSame = isSame
  }

  /// The block that was added last.
  var last: Int { blocks.count - 1 }

  /// Adds a convolution and returns its place.
  @discardableResult
  mutating func add(
    _ channels: Int, kernel: Int, stride: Int = 1, groups: Int = 1, adding: Int? = nil,
    function: ActivationFunction = .relu, pooling: Pooling? = nil, reading source: Int? = nil, name: String,
    normName: String
  ) -> Int {
    let shape = ConvolutionShape(
      channels: channels, kernel: kernel, stride: stride, padding: isSame ? .same : .positions(kernel / 2),
      groups: groups)
    blocks.append(
      Architecture.Block(
        .convolution(shape), norm: norm, adding: adding, function: function, pooling: pooling, input: source,
        name: name, normName: normName))
    return last
  }

  /// Adds an inverted residual: a pointwise expansion, a depthwise convolution and a linear projection, to which the input is
  /// added if it has the same shape (Sandler et al., figure 4).
  ///
  /// - Parameter names: Names of weights and normalisation of the three convolutions; of the last two without an expansion.
  mutating func addInvertedResidual(
    _ channels: Int, _ outputs: Int, kernel: Int, stride: Int, expansion: Int, names: [(String, String)]
  ) {
    let source = last
    let inner = channels * expansion
    if expansion > 1 { add(inner, kernel: 1, function: .relu6, name: names[0].0, normName: names[0].1) }
    let rest = names.suffix(2).map { $0 }
    add(
      inner, kernel: kernel, stride: stride, groups: inner, function: .relu6, name: rest[0].0, normName: rest[0].1)
    add(
      outputs, kernel: 1, adding: stride == 1 && channels == outputs ? source : nil, function: .identity,
      name: rest[1].0, normName: rest[1].1)
  }
}
