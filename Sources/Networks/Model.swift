import Matrices

/// A classifier: a body of hidden layers and a head with one output per class.
///
/// The model knows neither loss nor optimizer. What trains is one mask over its named parameters, set by the `freeze`
/// functions and read in ``backward(_:in:into:)`` and ``frozenPrefix`` only.
public struct Model: Sendable, Hashable {
  public let architecture: Architecture
  public let inputShape: ImageShape
  /// Outputs of the head.
  public let classCount: Int
  /// Body, then head, from the input on.
  public let layers: [Layer]
  public package(set) var parameters: Parameters
  /// For each slice of the parameters: does it train?
  public package(set) var isTrainable: [Bool]

  /// A model with fresh weights, drawn from `seed`.
  public init(
    _ architecture: Architecture, inputShape: ImageShape, classCount: Int, seed: UInt64,
    initialization: Initialization = .uniform
  ) {
    precondition(classCount > 0 && inputShape.count > 0)
    self.architecture = architecture
    self.inputShape = inputShape
    self.classCount = classCount
    var table = ParameterTable()
    var layers: [Layer] = []
    var width = inputShape.count
    for (index, units) in (architecture.hiddenUnits + [classCount]).enumerated() {
      let name = "fc\(index + 1)"
      let weight = table.addWeight("\(name).weight", inputs: width, outputs: units, inputMajor: index == 0)
      let bias = table.addBias("\(name).bias", inputs: width, outputs: units)
      if index > 0 { layers.append(.relu(units: width)) }
      layers.append(.linear(Linear(inputs: width, outputs: units, weight: weight, bias: bias)))
      width = units
    }
    self.layers = layers
    parameters = Parameters(table.slices)
    isTrainable = table.slices.map { _ in true }
    for (index, slice) in table.slices.enumerated() {
      parameters.initialize(slice, index: index, by: initialization, seed: seed)
    }
  }

  /// Width of the input of layer `index`.
  public func inputs(ofLayer index: Int) -> Int { index == 0 ? inputShape.count : layers[index - 1].outputs }

  /// Whether a rectifier follows layer `index`, which is then computed with it.
  func isRectified(_ index: Int) -> Bool { index + 1 < layers.count && layers[index + 1].isRectifier }

  /// The layers that are the head: the last linear one.
  package var headSlices: [ParameterSlice] { layers.last?.slices ?? [] }
}
