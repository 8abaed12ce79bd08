import KernelCalls
import Matrices

extension Model {
  /// Lets every parameter train.
  public mutating func unfreeze() { isTrainable = isTrainable.map { _ in true } }

  /// Holds the parameters of the body; the head trains.
  public mutating func freezeBody() {
    let head = Set(headSlices.map(\.name))
    setTrainable { head.contains($0.name) }
  }

  /// Holds the parameters of the first `count` layers that have any (`fc1`, `fc2`, …); the others train.
  public mutating func freeze(first count: Int) {
    let frozen = Set(layers.filter { !$0.slices.isEmpty }.prefix(count).flatMap(\.slices).map(\.name))
    setTrainable { !frozen.contains($0.name) }
  }

  /// Holds exactly the named parameters; a name that is none is passed over.
  mutating func hold(_ names: [String]) { setTrainable { !names.contains($0.name) } }

  private mutating func setTrainable(_ trains: (ParameterSlice) -> Bool) {
    isTrainable = parameters.slices.map(trains)
  }

  /// Layers before the first one with a trainable parameter. They get no gradient work, and what they compute for a data
  /// set may be computed once.
  public var frozenPrefix: Int {
    // Asked in every step, so without making an array of the slices.
    layers.firstIndex { layer in
      if case .linear(let linear) = layer { trains(linear.weight) || trains(linear.bias) } else { false }
    } ?? layers.count
  }

  /// Whether the frozen prefixes of two models are as long and have the same bits.
  ///
  /// - Complexity: O(weights of the prefix).
  package func sharesFrozenPrefix(with other: Model) -> Bool {
    guard frozenPrefix == other.frozenPrefix, layers == other.layers else { return false }
    let end = layers[..<frozenPrefix].flatMap(\.slices).map { $0.layout.offset + $0.layout.footprint }.max() ?? 0
    return parameters.block.hasSameBits(as: other.parameters.block, first: end)
  }

  /// Whether a slice trains.
  public func trains(_ slice: ParameterSlice) -> Bool {
    zip(parameters.slices, isTrainable).contains { $0.layout.offset == slice.layout.offset && $1 }
  }

  /// Layers with parameters.
  public var linearLayerCount: Int { layers.count { !$0.slices.isEmpty } }

  /// The model with a new head for `classCount` classes, drawn from `seed`; the body keeps its weights and its mask.
  public func replacingHead(classCount: Int, seed: UInt64) -> Model {
    var result = Model(architecture, inputShape: inputShape, classCount: classCount, seed: seed)
    let head = Set(headSlices.map(\.name))
    for (index, slice) in parameters.slices.enumerated() where !head.contains(slice.name) {
      result.parameters.setValues(of: result.parameters.slices[index], to: parameters.values(of: slice))
      result.isTrainable[index] = isTrainable[index]
    }
    return result
  }
}
