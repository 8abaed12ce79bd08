import GraftKernelCalls
import GraftMatrices
import GraftNetworks
import NumericChecks

/// A small network of blocks on images of some shape.
struct BlockCase: Sendable, CustomStringConvertible {
  let description: String
  let architecture: Architecture
  let shape: ImageShape
  var classes = 4

  init(_ description: String, _ channels: Int, _ height: Int, _ width: Int, _ build: (inout Blocks) -> Void) {
    self.description = description
    shape = ImageShape(channels: channels, height: height, width: width)
    var blocks = Blocks()
    build(&blocks)
    architecture = Architecture(body: blocks.list, headName: "head")
  }

  /// Blocks with names, one after the other.
  struct Blocks {
    private(set) var list: [Architecture.Block] = []

    @discardableResult
    mutating func add(
      _ channels: Int, _ kernel: Int, stride: Int = 1, padding: ConvolutionShape.Padding? = nil, groups: Int = 1,
      norm: NormShape? = .usual, adding: Int? = nil, _ function: ActivationFunction = .relu, pooling: Pooling? = nil,
      reading source: Int? = nil
    ) -> Int {
      let shape = ConvolutionShape(
        channels: channels, kernel: kernel, stride: stride, padding: padding ?? .positions(kernel / 2), groups: groups)
      list.append(
        Architecture.Block(
          .convolution(shape), norm: norm, adding: adding, function: function, pooling: pooling, input: source,
          name: "c\(list.count)", normName: "n\(list.count)"))
      return list.count - 1
    }
  }

  static let all: [BlockCase] =
    ActivationFunction.allCases.flatMap { function in
      [
        BlockCase("\(function)", 3, 5, 6) {
          $0.add(5, 3, norm: nil, function)
          $0.add(18, 3, stride: 2, function, pooling: .maximum(size: 2))
        },
        BlockCase("\(function), averaged and overlapping", 2, 7, 7) {
          $0.add(6, 3, function, pooling: Pooling(.maximum, size: 3, stride: 2))
          $0.add(7, 1, function, pooling: .globalAverage)
        },
      ]
    } + [
      BlockCase("depthwise, of all windows with a loop of their own and of one without", 3, 13, 11) {
        $0.add(17, 1, .relu6)
        $0.add(17, 5, groups: 17)
        $0.add(17, 3, stride: 2, groups: 17)
        $0.add(17, 7, groups: 17)
      },
      BlockCase("depthwise", 3, 6, 7) {
        $0.add(20, 1, .relu6)
        $0.add(20, 3, groups: 20, .relu6)
        $0.add(20, 5, stride: 2, groups: 20, norm: nil, .silu)
        $0.add(33, 1, .identity)
        $0.add(33, 3, stride: 3, padding: .positions(0), groups: 33)
      },
      BlockCase("depthwise on the image, whose channels fill no vector", 3, 6, 7) {
        $0.add(3, 3, groups: 3)
        $0.add(5, 1)
      },
      BlockCase("padding of TensorFlow's kind on even sizes", 3, 8, 8) {
        $0.add(5, 3, stride: 2, padding: .same)
        $0.add(5, 5, stride: 2, padding: .same, groups: 5)
        $0.add(6, 3, padding: .same)
      },
      BlockCase("padding of TensorFlow's kind on odd sizes", 1, 9, 9) {
        $0.add(17, 5, stride: 2, padding: .same, groups: 1)
        $0.add(17, 3, stride: 2, padding: .same, groups: 17)
        $0.add(4, 5, stride: 3, padding: .same)
      },
      BlockCase("a padded largest value", 2, 7, 9) {
        $0.add(9, 3, pooling: Pooling(.maximum, size: 3, stride: 2, padding: 1))
        $0.add(4, 3, .silu, pooling: Pooling(.maximum, size: 2, stride: 1, padding: 1))
      },
      BlockCase("a residual pair", 3, 6, 5) {
        let stem = $0.add(12, 3)
        $0.add(12, 3)
        $0.add(12, 3, adding: stem)
      },
      BlockCase("a residual pair that halves the map", 3, 7, 7) {
        let stem = $0.add(16, 3)
        let inner = $0.add(20, 3, stride: 2, reading: stem)
        let shortcut = $0.add(20, 1, stride: 2, .identity, reading: stem)
        let sum = $0.add(20, 3, adding: shortcut, reading: inner)
        $0.add(20, 3)
        $0.add(20, 3, adding: sum, pooling: .globalAverage)
      },
      BlockCase("an output that four others read", 2, 5, 5) {
        let stem = $0.add(8, 3, .silu)
        let side = $0.add(8, 3, adding: stem, .hardSwish, reading: stem)
        $0.add(8, 5, adding: side, reading: stem)
        $0.add(8, 1, adding: stem, .identity)
      },
      BlockCase("inverted residuals", 3, 9, 9) {
        let stem = $0.add(8, 3, stride: 2, .relu6)
        $0.add(48, 1, .relu6)
        $0.add(48, 3, groups: 48, .relu6)
        let sum = $0.add(8, 1, norm: NormShape(epsilon: 1e-3, momentum: 0.01), adding: stem, .identity)
        $0.add(48, 1, .relu6)
        $0.add(48, 5, stride: 2, groups: 48, .relu6)
        $0.add(10, 1, .identity)
        $0.add(40, 1, .relu6, pooling: .globalAverage)
        _ = sum
      },
    ]

  /// A model away from where it began, and images, whose units all stay away from where their derivative jumps.
  func smooth(
    examples: Int, usesBatch: Bool = true
  ) throws -> (model: Model, reference: ReferenceBlocks, rows: RandomRows, labels: [Int]) {
    for seed in UInt64(0)..<200 {
      var model = Model(architecture, inputShape: shape, classCount: classes, seed: seed)
      for (index, slice) in model.parameters.slices.enumerated() {
        var stream = RandomStream(RandomKey(seed: seed, purpose: .bootstrap, index: index))
        let range: (Float, Float)? =
          switch slice.role {
          case .gain: (0.5, 2.5)
          case .shift: (-1, 1)
          case .statistic(1): (0.05, 0.5)
          case .statistic: (-0.3, 0.3)
          default: nil
          }
        guard let range else { continue }
        model.parameters.setValues(of: slice, to: (0..<slice.count).map { _ in stream.uniform(range.0, range.1) })
      }
      let rows = RandomRows(examples, columns: shape.count, density: 0.6, seed: seed)
      var reference = ReferenceBlocks(model)
      reference.usesBatch = usesBatch
      if reference(rows.values).distanceFromKinks > 5e-6 {
        return (model, reference, rows, (0..<examples).map { $0 * 7 % classes })
      }
    }
    throw Mismatch(description: "no seed keeps '\(description)' away from its kinks")
  }
}
