import GraftFiles

extension Architecture: CustomStringConvertible {
  /// Most units of a layer; more are taken for a mistake (a weight matrix on MNIST's images would need 200 MB).
  static let maximumUnits = 1 << 16
  /// Most positions along a side of windows, strides and paddings; more are taken for a mistake.
  static let maximumWindow = 64

  /// Reads `softmax`, `mlp:UNITS[,UNITS…]`, a family such as `resnet18`, `cnn:small`, `cnn:best`, or `cnn:` and layers joined by `-`:
  ///
  /// - `16c5`: a convolution of 16 channels with windows of 5 × 5; `16c3s2` with a stride of 2, `16c3p1` with one position of
  ///   zeros around its input, `16c3z` with as many as keep the size, or half of it with a
  ///   stride of 2 (TensorFlow's `SAME`), `16c3p1g16` with a window of its own for each of 16 channels (depthwise);
  /// - `p2`: pooling of the convolution before it to the largest of 2 × 2; `p3s2` with a stride of 2, `p3s2p1` reaching one
  ///   position beyond the map; `a2` to their mean, `a` to
  ///   the mean of the whole feature map;
  /// - `128`: a fully connected layer of 128 units;
  /// - a `b` behind a convolution or a fully connected layer (`16c5b`, `128b`, also of an `mlp`) normalises it over the batch.
  public init(parsing text: String) throws(GraftFailure) {
    if let family = Architecture.family(named: text) {
      self = family
      return
    }
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    switch (parts[0], parts.count) {
    case ("softmax", 1): self = .softmax
    case ("mlp", 2): self.init(body: try Architecture.linearLayers(parts[1], of: text))
    case ("cnn", 2):
      if let named = Architecture.named.first(where: { $0.name == parts[1] }) {
        self = named.architecture
      } else {
        self.init(body: try Architecture.layers(parts[1], of: text))
      }
    default:
      throw GraftFailure(
        .usage,
        "unknown model '\(text)': expected softmax, mlp:500, mlp:500,300, cnn:small, cnn:best, cnn:16c5-p2-32c5-p2-128, "
          + Architecture.familyNames.dropLast().joined(separator: ", ") + " or \(Architecture.familyNames.last ?? "")"
      )
    }
  }

  /// The convolutional architectures that have a name.
  package static let named: [(name: String, architecture: Architecture)] = [
    ("small", .smallConvolutional), ("best", .bestConvolutional),
  ]

  /// Most layers; more are taken for a mistake.
  package static let maximumLayers = 1000

  private static func checkLayers(_ list: String, separator: Character) throws(GraftFailure) {
    let count = list.count { $0 == separator } + 1
    guard count <= maximumLayers else {
      throw GraftFailure(.usage, "a model of \(count) layers: at most \(maximumLayers) can be had")
    }
  }

  private static func linearLayers(_ list: String, of text: String) throws(GraftFailure) -> [Block] {
    try checkLayers(list, separator: ",")
    var layers: [Block] = []
    for part in list.split(separator: ",", omittingEmptySubsequences: false) {
      guard case .layer(let layer)? = LayerText(String(part)), !layer.isConvolution else {
        throw GraftFailure(.usage, "model '\(text)': '\(part)' is not a number of units from 1 to \(maximumUnits)")
      }
      layers.append(layer)
    }
    return layers
  }

  private static func layers(_ list: String, of text: String) throws(GraftFailure) -> [Block] {
    try checkLayers(list, separator: "-")
    var layers: [Block] = []
    for part in list.split(separator: "-", omittingEmptySubsequences: false).map(String.init) {
      func failure(_ problem: String) -> GraftFailure { GraftFailure(.usage, "model '\(text)': '\(part)' \(problem)") }
      guard let item = LayerText(part) else {
        throw failure("is no layer; expected 16c5, 16c3s2p1b, p2, a2, a or 128")
      }
      switch item {
      case .layer(let layer):
        if layer.isConvolution, let last = layers.last, !last.isConvolution {
          throw failure("comes after a fully connected layer; convolutions come first")
        }
        layers.append(layer)
      case .pooling(let pooling):
        guard let last = layers.last, last.isConvolution, last.pooling == nil else {
          throw failure("must follow a convolution")
        }
        layers[layers.count - 1] = Block(last.weights, norm: last.norm, pooling: pooling)
      }
    }
    guard layers.contains(where: \.isConvolution) else {
      throw GraftFailure(.usage, "model '\(text)': there is no convolution; without one it is an mlp")
    }
    return layers
  }

  /// The architecture as ``init(parsing:)`` reads it.
  public var description: String {
    if let family { return family }
    if body.isEmpty { return "softmax" }
    return !isConvolutional
      ? "mlp:" + body.map(\.description).joined(separator: ",")
      : "cnn:" + body.map(\.description).joined(separator: "-")
  }
}

extension Architecture.Block: CustomStringConvertible {
  /// The layer as ``Architecture/init(parsing:)`` reads it, such as `16c5b-p2`.
  package var description: String {
    let normalization = norm == nil ? "" : "b"
    switch weights {
    case .linear(let units): return "\(units)\(normalization)"
    case .convolution(let shape): return "\(shape)\(normalization)" + (pooling.map { "-\($0)" } ?? "")
    }
  }
}

/// One piece of a written model.
private enum LayerText {
  case layer(Architecture.Block)
  case pooling(Pooling)

  /// Reads one piece; nil if the text is none.
  init?(_ text: String) {
    var reader = Reader(text)
    let window = 1...Architecture.maximumWindow
    if reader.take("a"), reader.isAtEnd {
      self = .pooling(.globalAverage)
      return
    }
    reader = Reader(text)
    if let kind = reader.take("p") ? Pooling.Kind.maximum : reader.take("a") ? .average : nil {
      guard let size = reader.number(in: window), let stride = reader.number(after: "s", in: window, else: size),
        let padding = reader.number(after: "p", in: 0...size / 2, else: 0), reader.isAtEnd,
        padding == 0 || kind == .maximum
      else { return nil }
      self = .pooling(Pooling(kind, size: size, stride: stride, padding: padding))
      return
    }
    guard let count = reader.number(in: 1...Architecture.maximumUnits) else { return nil }
    var weights = Architecture.Block.Weights.linear(units: count)
    if reader.take("c") {
      guard let kernel = reader.number(in: window), let stride = reader.number(after: "s", in: window, else: 1),
        let padding = reader.take("z")
          ? .same : reader.number(after: "p", in: 0...kernel - 1, else: 0).map(Padding.positions),
        let groups = reader.number(after: "g", in: 1...Architecture.maximumUnits, else: 1), [1, count].contains(groups)
      else { return nil }
      weights = .convolution(
        ConvolutionShape(channels: count, kernel: kernel, stride: stride, padding: padding, groups: groups))
    }
    let isNormalized = reader.take("b")
    guard reader.isAtEnd else { return nil }
    self = .layer(Architecture.Block(weights, norm: isNormalized ? .usual : nil))
  }

  private typealias Padding = ConvolutionShape.Padding

  private struct Reader {
    private var rest: Substring
    init(_ text: String) { rest = text[...] }
    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ letter: Character) -> Bool {
      guard rest.first == letter else { return false }
      rest.removeFirst()
      return true
    }

    mutating func number(in range: ClosedRange<Int>) -> Int? {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      guard let number = Int(digits), range.contains(number) else { return nil }
      rest.removeFirst(digits.count)
      return number
    }

    /// The number behind `letter`, `usual` if the text has no such letter here, or nil if the letter has no number behind it.
    mutating func number(after letter: Character, in range: ClosedRange<Int>, else usual: Int) -> Int? {
      take(letter) ? number(in: range) : usual
    }
  }
}
