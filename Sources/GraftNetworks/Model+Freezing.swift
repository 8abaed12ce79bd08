import GraftFiles
import GraftKernelCalls
import GraftMatrices

extension Model {
  /// Makes every parameter trainable.
  package mutating func unfreeze() { setTrainable { _ in true } }

  /// Freezes the parameters of the body; the head trains.
  public mutating func freezeBody() {
    let head = Set(headSlices.map(\.name))
    setTrainable { head.contains($0.name) }
  }

  /// Freezes the parameters of the first `count` layers (`conv1`, `fc1`, …); the others train.
  public mutating func freeze(first count: Int) {
    let frozen = Set(layers.prefix(count).flatMap(\.slices).map(\.name))
    setTrainable { !frozen.contains($0.name) }
  }

  /// Freezes all weights and gains but the head's: the biases, the shifts and the head train.
  package mutating func freezeBodyWeights() {
    let head = Set(headSlices.map(\.name))
    setTrainable { $0.role != .weight && $0.role != .gain || head.contains($0.name) }
  }

  /// The learned parameters of layers by their names.
  ///
  /// - Throws: If there is no layer of a name.
  package func slices(ofLayers names: [String]) throws(GraftFailure) -> [ParameterSlice] {
    var slices: [ParameterSlice] = []
    for name in names {
      guard let layer = layers.first(where: { $0.name == name }) else {
        throw GraftFailure(
          .usage, "the model has no layer '\(name)'; it has \(layers.map(\.name).joined(separator: ", "))")
      }
      slices += layer.slices
    }
    return slices
  }

  /// Freezes the parameters of the first `count` layers in addition to those that are frozen already.
  package mutating func alsoFreeze(first count: Int) {
    let held = isTrainable
    freeze(first: count)
    isTrainable = zip(held, isTrainable).map { $0 && $1 }
  }

  /// Freezes exactly the named parameters; unknown names are ignored.
  mutating func hold(_ names: [String]) { setTrainable { !names.contains($0.name) } }

  private mutating func setTrainable(_ trains: (ParameterSlice) -> Bool) {
    isTrainable = parameters.slices.map { !$0.isStatistic && trains($0) }
  }

  /// The number of layers before the first one with a trainable parameter that nothing later looks behind: their output for a
  /// data set may be computed once.
  package var frozenPrefix: Int {
    var count = firstTrainableLayer
    while !isCut(count) { count -= 1 }
    return count
  }

  /// Whether the layers from `count` on read and add nothing but what they compute and the output of layer `count - 1`.
  package func isCut(_ count: Int) -> Bool {
    layers[count...].allSatisfy { $0.input >= count - 1 && ($0.adding ?? count) >= count - 1 }
  }

  /// The first layer with a trainable parameter; layers before it get no gradient work.
  package var firstTrainableLayer: Int {
    layers.firstIndex { layer in
      // Called in every step, so it makes no array of the slices.
      trains(layer.weight) || layer.bias.map(trains) ?? false
        || layer.norm.map { trains($0.gain) || trains($0.shift) } ?? false
    } ?? layers.count
  }

  /// Whether the frozen prefixes of two models have the same length and the same bits.
  ///
  /// - Complexity: O(weights of the prefix).
  package func sharesFrozenPrefix(with other: Model) -> Bool {
    guard frozenPrefix == other.frozenPrefix, layers == other.layers else { return false }
    let end = layers[..<frozenPrefix].flatMap(\.allSlices).map { $0.layout.offset + $0.layout.footprint }.max() ?? 0
    return parameters.block.hasSameBits(as: other.parameters.block, first: end)
  }

  /// Whether a slice trains.
  package func trains(_ slice: ParameterSlice) -> Bool {
    zip(parameters.slices, isTrainable).contains { $0.layout.offset == slice.layout.offset && $1 }
  }

  /// The distance of each slice from the head, counted in layers: 0 for the head's own.
  package var distancesFromHead: [Int] {
    parameters.slices.map { slice in
      let layer = layers.firstIndex { $0.allSlices.contains { $0.layout.offset == slice.layout.offset } } ?? 0
      return layers.count - 1 - layer
    }
  }

  /// The parameters of the body, running statistics among them.
  package var bodySlices: [ParameterSlice] {
    let head = headSlices.map(\.layout.offset)
    return parameters.slices.filter { !head.contains($0.layout.offset) }
  }

  /// Copies the parameters and running statistics of the first `count` layers from `other`.
  ///
  /// - Parameter other: A model of the same widths up to that layer.
  package mutating func copyLayers(first count: Int, of other: Model) {
    let names = Set(layers.prefix(count).flatMap(\.allSlices).map(\.name))
    copy(other) { names.contains($0.name) }
  }

  /// The model with the head, and so the classes, of another one.
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

  /// The model with a new head for `classCount` classes, drawn from `seed`; the body keeps its weights and its mask of trainable
  /// parameters.
  ///
  /// - Parameters:
  ///   - classCount: Number of outputs of the new head, at least 1.
  ///   - seed: Seed of the new head's weights.
  ///   - kept: Outputs whose weights and bias are copied, each from an old output to a new one.
  public func replacingHead(
    classCount: Int, seed: UInt64, keeping kept: [(old: Int, new: Int)] = []
  ) -> Model {
    // Only the head is drawn; the draw of a slice depends on its place alone.
    var result = Model(blank: architecture, inputShape: inputShape, classCount: classCount)
    let head = Set(headSlices.map(\.name))
    for (index, slice) in parameters.slices.enumerated() {
      let own = result.parameters.slices[index]
      if head.contains(slice.name) {
        result.parameters.initialize(own, index: index, by: .uniform, seed: seed)
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
