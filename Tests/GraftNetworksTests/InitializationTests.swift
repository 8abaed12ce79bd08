import GraftMatrices
import GraftNetworks
import NumericChecks
import Testing

@Suite struct InitializationTests {
  private func model(_ rule: Initialization, seed: UInt64 = 1) -> Model {
    Model(
      Architecture(hiddenUnits: [300, 50]), inputShape: .mnist, classCount: 10, seed: seed, initialization: rule)
  }

  private func moments(_ values: [Float]) -> (mean: Double, variance: Double) {
    let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
    return (mean, values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(values.count))
  }

  @Test("weights and biases are uniform in ±1/√inputs", arguments: [("fc1", 784), ("fc2", 300), ("fc3", 50)])
  func uniform(layer: String, fanIn: Int) {
    let model = model(.uniform)
    let bound = 1 / Float(fanIn).squareRoot()
    for name in ["\(layer).weight", "\(layer).bias"] {
      let values = model.values(name)
      #expect(values.allSatisfy { $0 >= -bound && $0 < bound })
      #expect((values.max() ?? 0) > 0.3 * bound && (values.min() ?? 0) < -0.3 * bound, "\(name)")
    }
    let (mean, variance) = moments(model.values("\(layer).weight"))
    #expect(abs(mean) < 0.06 * Double(bound))
    #expect(abs(variance * 3 / Double(bound * bound) - 1) < 0.06)
  }

  @Test("the numbers come in PyTorch's order, one stream per tensor", arguments: 0..<6)
  func order(index: Int) {
    let model = model(.uniform, seed: 5)
    let slice = model.parameters.slices[index]
    var stream = RandomStream(RandomKey(seed: 5, purpose: .initialWeights, index: index))
    let bound = 1 / Float(slice.fanIn).squareRoot()
    let expected = (0..<slice.count).map { _ in stream.uniform(-bound, bound) }
    #expect(mismatchInBits(model.parameters.values(of: slice), expected) == nil)
  }

  @Test("Glorot's weights are normal with variance 2 / (inputs + outputs), biases zero")
  func glorot() {
    let model = model(.glorotNormal)
    for (name, ends) in [("fc1.weight", 784 + 300), ("fc2.weight", 300 + 50)] {
      let values = model.values(name)
      let (mean, variance) = moments(values)
      let deviation = (2 / Double(ends)).squareRoot()
      #expect(abs(mean) < 0.02 * deviation, "\(name)")
      #expect(abs(variance / (deviation * deviation) - 1) < 0.05, "\(name)")
      let beyond = Double(values.count { abs(Double($0)) > 1.96 * deviation }) / Double(values.count)
      #expect(abs(beyond - 0.05) < 0.006, "\(name)")
    }
    for name in ["fc1.bias", "fc2.bias", "fc3.bias"] { #expect(model.values(name).allSatisfy { $0 == 0 }) }
  }

  @Test("the same seed gives the same bits, another seed others", arguments: Initialization.allCases)
  func seeds(rule: Initialization) {
    #expect(model(rule) == model(rule))
    let (one, other) = (model(rule), model(rule, seed: 2))
    for layer in 1...3 { #expect(one.values("fc\(layer).weight") != other.values("fc\(layer).weight")) }
    #expect(one.padding.allSatisfy { $0 == 0 })
  }

  @Test("a layer's weights do not depend on the layers behind it")
  func independence() {
    let deep = Model(units: [20, 30, 40], inputs: 10, classCount: 5, seed: 3)
    let shallow = Model(units: [20], inputs: 10, classCount: 30, seed: 3)
    #expect(deep.values("fc1.weight") == shallow.values("fc1.weight"))
    #expect(deep.values("fc2.weight") == shallow.values("fc2.weight"))
  }
}
