import Foundation
import GraftKernelCalls
import GraftMatrices
import GraftNetworks
import NumericChecks
import Testing

/// Published networks against PyTorch's own (`Tests/Golden/families.json`, made by `Scripts/golden/families.py`).
@Suite struct FamilyGoldenTests {
  struct Answers: Decodable {
    let side: Int
    let logits: [Double]
    let loss: Double
    /// The largest error of a gradient in PyTorch's own single precision, as a part of its length: of networks with kinks and normalised
    /// maps of a few pixels it is some per cent.
    let rounding: Double
    /// Length of a parameter's gradient, and its product with a vector of the generator.
    let gradients: [String: [Double]]
  }

  private static let classes = 7
  private static let images = 4

  private static let golden: [String: Answers] = {
    let data = (try? Data(contentsOf: URL(fileURLWithPath: Golden.path("families.json")))) ?? Data()
    return (try? JSONDecoder().decode([String: Answers].self, from: data)) ?? [:]
  }()

  /// Numbers from `low` to `high` by SplitMix64 from the FNV-1a hash of a name, as the script makes them.
  private static func between(_ name: String, _ count: Int, _ low: Double, _ high: Double) -> [Float] {
    let hash = name.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    return (1...max(count, 1)).map { index in
      var z = hash &+ UInt64(index) &* 0x9E37_79B9_7F4A_7C15
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      z ^= z >> 31
      return Float(low + (high - low) * Double(z >> 40) / Double(1 << 24))
    }
  }

  private static func model(_ name: String, side: Int) throws -> Model {
    let architecture = try Architecture(parsing: name)
    let shape = ImageShape(channels: 3, height: side, width: side)
    var model = Model(architecture, inputShape: shape, classCount: classes, seed: 0)
    for slice in model.parameters.slices {
      let values: [Float] =
        switch slice.role {
        case .weight:
          between(
            slice.name, slice.count, -(6 / Double(slice.fanIn)).squareRoot(), (6 / Double(slice.fanIn)).squareRoot())
        case .gain, .statistic(1): between(slice.name, slice.count, 0.5, 1.5)
        case .statistic: between(slice.name, slice.count, -0.1, 0.1)
        case .shift, .bias: between(slice.name, slice.count, -0.2, 0.2)
        }
      model.parameters.setValues(of: slice, to: values)
    }
    return model
  }

  private static func inputs(side: Int) -> InputRows {
    let values = between("images", images * 3 * side * side, -1, 1)
    let width = 3 * side * side
    return .dense(Matrix((0..<images).map { Array(values[$0 * width..<($0 + 1) * width]) }))
  }

  static let names = ["resnet9", "resnet18", "mobilenet-v2", "efficientnet-lite0"]

  @Test(arguments: names) func logits(name: String) throws {
    let answers = try #require(Self.golden[name])
    let model = try Self.model(name, side: answers.side)
    let inputs = Self.inputs(side: answers.side)
    // The program, whose normalisations are folded, and the layers one by one.
    let program = Program(model)
    let floor = answers.logits.map(abs).max() ?? 1
    for processor in Processor.allCases where processor.isAvailable && processor == .current {
      let found = model.logits(of: inputs).flatMap { $0 }
      #expect(mismatch(found, answers.logits, within: 1e-4, floor: floor) == nil)
    }
    for threads in [1, 2] {
      let found = program.outputs(of: inputs, through: model.layers.count, threads: threads)
      #expect(mismatch(found.nested.flatMap { $0 }, answers.logits, within: 1e-4, floor: floor) == nil)
    }
  }

  @Test(arguments: names) func gradients(name: String) throws {
    let answers = try #require(Self.golden[name])
    let model = try Self.model(name, side: answers.side)
    let inputs = Self.inputs(side: answers.side)
    let labels = (0..<Self.images).map { $0 % Self.classes }
    let (loss, gradients) = model.gradients(of: inputs, labels, mode: .plainTraining, team: Team(size: 2))
    #expect(abs(loss - answers.loss) < 1e-3 * answers.loss)
    #expect(Set(gradients.keys) == Set(answers.gradients.keys))
    var worst = 0.0
    for (parameter, expected) in answers.gradients {
      let found = (gradients[parameter] ?? []).map(Double.init)
      let length = found.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let vector = Self.between("gradient " + parameter, found.count, -1, 1)
      let product = zip(found, vector).reduce(0) { $0 + $1.0 * Double($1.1) }
      // The shift before a pointwise convolution whose output is normalised moves nothing: only rounding is left of its gradient.
      guard expected[0] > 1e-4 else {
        #expect(length < 1e-4, "\(parameter)")
        continue
      }
      worst = max(worst, abs(length - expected[0]) / expected[0], abs(product - expected[1]) / expected[0])
    }
    #expect(worst < max(1e-3, 2 * answers.rounding), "\(worst)")
  }

  @Test(arguments: Architecture.familyNames) func familiesHaveTheirSizes(name: String) throws {
    let parameters = [
      "resnet18": 11_689_512, "resnet34": 21_797_672, "mobilenet-v2": 3_504_872, "efficientnet-lite0": 4_652_008,
      "efficientnet-lite1": 5_416_680, "efficientnet-lite2": 6_092_072,
    ]
    let architecture = try Architecture(parsing: name)
    #expect(architecture.description == name)
    let shape = ImageShape(channels: 3, height: 64, width: 64)
    let model = Model(architecture, inputShape: shape, classCount: 1000, seed: 0)
    let learned = model.parameters.slices.filter { !$0.isStatistic }.reduce(0) { $0 + $1.count }
    if let expected = parameters[name] { #expect(learned == expected) }
  }

  @Test func cutsAreWhereNothingLooksBehind() throws {
    let model = try Self.model("resnet18", side: 32)
    let names = model.layers.map(\.name)
    let inner = try #require(names.firstIndex(of: "layer2.0.conv2"))
    #expect(!model.isCut(inner) && model.isCut(inner + 1) && model.isCut(0) && model.isCut(names.count))
    var frozen = model
    frozen.freeze(first: inner)
    // The features that may be computed once end before the pair that is cut through.
    #expect(frozen.firstTrainableLayer == inner && frozen.frozenPrefix == names.firstIndex(of: "layer2.0.conv1"))
  }
}
