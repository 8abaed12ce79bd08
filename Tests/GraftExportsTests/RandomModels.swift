import GraftFiles
import GraftKernelCalls
import GraftMatrices
import GraftNetworks

@testable import GraftExports

/// Checkpoints of random shape: every block, odd sizes, names that no format likes.
struct RandomModels {
  private var random: SystemlessRandom

  init(seed: UInt64) { random = SystemlessRandom(state: seed) }

  /// SplitMix64 (Steele, Lea and Flood, 2014), so that a model can be made again from its number.
  private struct SystemlessRandom: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var word = state
      word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
      word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
      return word ^ (word >> 31)
    }
  }

  private mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &random) < share }
  private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

  /// The next model; its weights are such that no class wins always.
  mutating func next() -> Checkpoint {
    while true {
      let shape = shape()
      let architecture = architecture(on: shape)
      let classCount = number(1...7)
      guard (try? architecture.check(on: shape, classCount: classCount)) != nil else { continue }
      var model = Model(architecture, inputShape: shape, classCount: classCount, seed: random.next())
      for slice in model.parameters.slices where slice.role != .weight {
        let isVariance = slice.name.hasSuffix("running_var")
        let values = (0..<slice.count).map { _ in
          Float.random(in: isVariance ? 0.2...2 : slice.role == .gain ? 0.5...1.5 : -0.5...0.5, using: &random)
        }
        model.parameters.setValues(of: slice, to: values)
      }
      let names = (0..<classCount).map { "\($0)\(RandomModels.oddities[number(0...RandomModels.oddities.count - 1)])" }
      let means = (0..<shape.channels).map { _ in Float.random(in: 0...0.6, using: &random) }
      let deviations = (0..<shape.channels).map { _ in Float.random(in: 0.2...1, using: &random) }
      return Checkpoint(
        model: model, normalization: chance(0.3) ? .unit : Normalization(means: means, deviations: deviations),
        outputs: ClassOutputs(.compact, choosing: Array(0..<classCount), of: names))
    }
  }

  private static let oddities = [
    "", " cat", "ü", "\"quoted\"", "back\\slash", "??/", "*/", "日本", "👩‍🔬", "new\nline", "tab\t", "%s", "é", "'",
    "</script>",
  ]

  private mutating func shape() -> ImageShape {
    let height = number(1...12)
    return ImageShape(
      channels: chance(0.6) ? 3 : 1, height: height, width: chance(0.8) ? height : number(1...12))
  }

  private mutating func function() -> ActivationFunction {
    ActivationFunction.allCases[number(0...ActivationFunction.allCases.count - 1)]
  }

  private mutating func architecture(on shape: ImageShape) -> Architecture {
    var blocks: [Architecture.Block] = []
    var channels = shape.channels
    // Channels of each block's output.
    var widths: [Int] = []
    for index in 0..<number(0...5) {
      let isDepthwise = channels > 1 && chance(0.25)
      let outputs = isDepthwise ? channels : number(1...9)
      let kernel = [1, 1, 2, 3, 3, 5][number(0...5)]
      let padding: ConvolutionShape.Padding = chance(0.25) ? .same : .positions(number(0...kernel - 1))
      let convolution = ConvolutionShape(
        channels: outputs, kernel: kernel, stride: chance(0.25) ? 2 : 1, padding: padding,
        groups: isDepthwise ? outputs : 1)
      let earlier = widths.indices.filter { widths[$0] == outputs }
      blocks.append(
        Architecture.Block(
          .convolution(convolution), norm: chance(0.4) ? .usual : nil,
          adding: chance(0.5) ? earlier.randomElement(using: &random) : nil, function: function(), pooling: pooling(),
          input: index > 0 && chance(0.1) && widths[index - 1] == widths.first ? 0 : nil))
      channels = outputs
      widths.append(outputs)
    }
    for _ in 0..<number(0...2) {
      blocks.append(
        Architecture.Block(.linear(units: number(1...20)), norm: chance(0.3) ? .usual : nil, function: function()))
    }
    return Architecture(body: blocks)
  }

  private mutating func pooling() -> Pooling? {
    guard chance(0.3) else { return nil }
    switch number(0...3) {
    case 0: return .globalAverage
    case 1: return Pooling(.average, size: number(1...3), stride: number(1...2))
    case 2: return Pooling(.maximum, size: 3, stride: 2, padding: 1)
    default: return .maximum(size: 2)
    }
  }

  /// Random bytes of `count` images.
  mutating func pixels(_ count: Int, of shape: ImageShape) -> [UInt8] {
    (0..<count * shape.count).map { _ in UInt8.random(in: 0...255, using: &random) }
  }
}
