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

  /// Holds all weights but the head's: the biases and the head train.
  public mutating func freezeBodyWeights() {
    let head = Set(headSlices.map(\.name))
    setTrainable { $0.shape.count == 1 || head.contains($0.name) }
  }

  /// Holds the parameters of the first `count` layers on top of what is held already.
  public mutating func alsoFreeze(first count: Int) {
    let held = isTrainable
    freeze(first: count)
    isTrainable = zip(held, isTrainable).map { $0 && $1 }
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

  /// For each slice its distance from the head, counted in layers with parameters: 0 for the head's own.
  package var distancesFromHead: [Int] {
    let linear = layers.filter { !$0.slices.isEmpty }
    return parameters.slices.map { slice in
      let layer = linear.firstIndex { $0.slices.contains { $0.layout.offset == slice.layout.offset } } ?? 0
      return linear.count - 1 - layer
    }
  }

  /// The parameters of the body.
  package var bodySlices: [ParameterSlice] {
    let head = headSlices.map(\.layout.offset)
    return parameters.slices.filter { !head.contains($0.layout.offset) }
  }

  /// Takes over the weights and biases of the first `count` layers that have any.
  ///
  /// - Parameter other: Of the same widths up to there.
  package mutating func copyLayers(first count: Int, of other: Model) {
    let names = Set(layers.filter { !$0.slices.isEmpty }.prefix(count).flatMap(\.slices).map(\.name))
    copy(other) { names.contains($0.name) }
  }

  /// The model with the head of another one, whose classes it then answers.
  package func attachingHead(of other: Model) -> Model {
    let body = Set(bodySlices.map(\.name))
    var result = other
    result.copy(self) { body.contains($0.name) }
    return result
  }

  private mutating func copy(_ other: Model, _ isCopied: (ParameterSlice) -> Bool) {
    for (own, theirs) in zip(parameters.slices, other.parameters.slices) where isCopied(own) {
      precondition(own.name == theirs.name && own.shape == theirs.shape)
      parameters.setValues(of: own, to: other.parameters.values(of: theirs))
    }
  }

  /// The model with a new head for `classCount` classes, drawn from `seed`; the body keeps its weights and its mask.
  ///
  /// - Parameter kept: Outputs whose weights and bias are taken over: from which old output to which new one.
  public func replacingHead(
    classCount: Int, seed: UInt64, keeping kept: [(old: Int, new: Int)] = []
  ) -> Model {
    var result = Model(architecture, inputShape: inputShape, classCount: classCount, seed: seed)
    let head = Set(headSlices.map(\.name))
    for (index, slice) in parameters.slices.enumerated() {
      let own = result.parameters.slices[index]
      if head.contains(slice.name) {
        if kept.isEmpty { continue }
        let width = slice.count / self.classCount
        let old = parameters.values(of: slice)
        var values = result.parameters.values(of: own)
        for pair in kept {
          values.replaceSubrange(
            pair.new * width..<(pair.new + 1) * width, with: old[pair.old * width..<(pair.old + 1) * width])
        }
        result.parameters.setValues(of: own, to: values)
      } else {
        result.parameters.setValues(of: own, to: parameters.values(of: slice))
        result.isTrainable[index] = isTrainable[index]
      }
    }
    return result
  }
}
