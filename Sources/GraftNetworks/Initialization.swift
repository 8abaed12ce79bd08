import GraftMatrices

/// The rule by which initial weights are drawn.
public enum Initialization: String, Sendable, Hashable, CaseIterable {
  /// Weights and biases uniform in ±1/√inputs, as PyTorch's `nn.Linear` does (there by way of Kaiming's formula with
  /// a = √5).
  case uniform
  /// Weights normal with variance 2 / (inputs + outputs), biases zero (Glorot and Bengio, AISTATS 2010).
  case glorotNormal = "glorot-normal"
}

extension Parameters {
  /// Draws initial values for `slice`. They depend on the seed, the index and the position alone, not on other slices.
  ///
  /// - Parameter index: The slice's place in the table, which tells slices of one model apart.
  mutating func initialize(_ slice: ParameterSlice, index: Int, by rule: Initialization, seed: UInt64) {
    var stream = RandomStream(RandomKey(seed: seed, purpose: .initialWeights, index: index))
    let values: [Float]
    switch (slice.role, rule) {
    case (.gain, _): values = [Float](repeating: 1, count: slice.count)
    case (.shift, _): values = [Float](repeating: 0, count: slice.count)
    case (.statistic(let value), _): values = [Float](repeating: value, count: slice.count)
    case (.weight, .uniform), (.bias, .uniform):
      let bound = 1 / Float(slice.fanIn).squareRoot()
      values = (0..<slice.count).map { _ in stream.uniform(-bound, bound) }
    case (.weight, .glorotNormal):
      let positions = slice.shape.dropFirst(2).reduce(1, *)
      let deviation = (2 / Float((slice.shape[0] + slice.shape[1]) * positions)).squareRoot()
      values = (0..<slice.count).map { _ in deviation * stream.normal() }
    case (.bias, .glorotNormal): values = [Float](repeating: 0, count: slice.count)
    }
    setValues(of: slice, to: values)
  }
}
