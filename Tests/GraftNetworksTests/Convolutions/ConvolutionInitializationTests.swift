import GraftKernelCalls
import GraftMatrices
import GraftNetworks
import NumericChecks
import Testing

@Suite struct ConvolutionInitializationTests {
  private func model(_ rule: Initialization, seed: UInt64 = 1) throws -> Model {
    try Model(
      "cnn:40c5-p2-48c3-p2-30", on: ImageShape(channels: 3, height: 28, width: 28), classCount: 10, seed: seed,
      initialization: rule)
  }

  private func moments(_ values: [Float]) -> (mean: Double, variance: Double) {
    let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
    return (mean, values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(values.count))
  }

  /// A convolution's inputs are all that is under its window.
  @Test(
    "weights and biases are uniform in ±1/√inputs",
    arguments: [("conv1", 75), ("conv2", 360), ("fc1", 1200), ("fc2", 30)])
  func uniform(layer: String, fanIn: Int) throws {
    let model = try model(.uniform)
    let bound = 1 / Float(fanIn).squareRoot()
    for name in ["\(layer).weight", "\(layer).bias"] {
      let values = model.values(name)
      #expect(values.allSatisfy { $0 >= -bound && $0 < bound })
      #expect((values.max() ?? 0) > 0.3 * bound && (values.min() ?? 0) < -0.3 * bound, "\(name)")
    }
    let weights = model.values("\(layer).weight")
    let (mean, variance) = moments(weights)
    // Four deviations of a mean and of a variance of so many uniform numbers.
    let deviations = 4 / Double(weights.count).squareRoot()
    #expect(abs(mean) < deviations * Double(bound) / 3.0.squareRoot())
    #expect(abs(variance * 3 / Double(bound * bound) - 1) < 0.9 * deviations)
  }

  @Test("the numbers come in PyTorch's order, one stream per tensor", arguments: 0..<8)
  func order(index: Int) throws {
    let model = try model(.uniform, seed: 5)
    let slice = model.parameters.slices[index]
    var stream = RandomStream(RandomKey(seed: 5, purpose: .initialWeights, index: index))
    let bound = 1 / Float(slice.fanIn).squareRoot()
    let expected = (0..<slice.count).map { _ in stream.uniform(-bound, bound) }
    #expect(mismatchInBits(model.parameters.values(of: slice), expected) == nil)
  }

  /// As PyTorch's `xavier_normal_`: inputs and outputs are counted with the window.
  @Test("Glorot's weights are normal with variance 2 / (inputs + outputs), biases zero")
  func glorot() throws {
    let model = try model(.glorotNormal)
    for (name, ends) in [("conv1.weight", 75 + 1000), ("conv2.weight", 360 + 432), ("fc1.weight", 1200 + 30)] {
      let values = model.values(name)
      let (mean, variance) = moments(values)
      let deviation = (2 / Double(ends)).squareRoot()
      let deviations = 4 / Double(values.count).squareRoot()
      #expect(abs(mean) < deviations * deviation, "\(name)")
      #expect(abs(variance / (deviation * deviation) - 1) < 2.0.squareRoot() * deviations, "\(name)")
    }
    for name in ["conv1.bias", "conv2.bias", "fc1.bias", "fc2.bias"] {
      #expect(model.values(name).allSatisfy { $0 == 0 })
    }
  }

  @Test("the same seed gives the same bits, another seed others", arguments: Initialization.allCases)
  func seeds(rule: Initialization) throws {
    #expect(try model(rule) == model(rule))
    let (one, other) = (try model(rule), try model(rule, seed: 2))
    for layer in ["conv1", "conv2", "fc1", "fc2"] {
      #expect(one.values("\(layer).weight") != other.values("\(layer).weight"))
    }
    #expect(one.padding.allSatisfy { $0 == 0 })
  }

  @Test(
    "values come back in the order in which they were given, and move no other slice", arguments: ConvolutionalCase.all)
  func values(network: ConvolutionalCase) throws {
    var model = try network.model(seed: 1)
    var expected = model.parameters.slices.map { model.parameters.values(of: $0) }
    for (index, slice) in model.parameters.slices.enumerated() {
      expected[index] = (0..<slice.count).map { Float(index * 100_000 + $0) }
      model.parameters.setValues(of: slice, to: expected[index])
    }
    #expect(model.parameters.slices.map { model.parameters.values(of: $0) } == expected)
    #expect(model.padding.allSatisfy { $0 == 0 })
    for (one, next) in zip(model.parameters.slices, model.parameters.slices.dropFirst()) {
      #expect(one.layout.offset % 16 == 0 && one.layout.offset + one.layout.footprint <= next.layout.offset)
    }
  }
}
