import GraftFiles
import GraftKernelCalls
import GraftMatrices

/// A classifier: a body of hidden layers and a head with one output per class.
///
/// The model knows neither loss nor optimizer. What trains is one mask over its named parameters, which the `freeze` functions and
/// the stages of a ``TransferPlan`` set. It decides which gradients there are, how much of a pass over the data may be computed once
/// (``frozenPrefix``), and whether a normalisation goes by its batch.
public struct Model: Sendable, Hashable {
  public let architecture: Architecture
  public let inputShape: ImageShape
  /// Outputs of the head.
  public let classCount: Int
  /// Body, then head, from the input on.
  public let layers: [Layer]
  public package(set) var parameters: Parameters
  /// For each slice of the parameters: does it train? Never so for a running statistic.
  public package(set) var isTrainable: [Bool]

  /// A model with fresh weights, drawn from `seed`.
  ///
  /// - Parameter architecture: One that ``Architecture/check(on:classCount:)`` lets pass.
  public init(
    _ architecture: Architecture, inputShape: ImageShape, classCount: Int, seed: UInt64,
    initialization: Initialization = .uniform
  ) {
    precondition(classCount > 0 && inputShape.count > 0)
    self.architecture = architecture
    self.inputShape = inputShape
    self.classCount = classCount
    var table = ParameterTable()
    layers = LayerBuilder(architecture, inputShape, classCount: classCount).layers(&table)
    parameters = Parameters(table.slices)
    isTrainable = table.slices.map { !$0.isStatistic }
    for (index, slice) in table.slices.enumerated() {
      parameters.initialize(slice, index: index, by: initialization, seed: seed)
    }
  }

  /// - Throws: Where a layer that is normalised over the batch would meet a batch of one image and has a single number for it, which
  ///   has no deviation. (Such a batch would be normalised by the running statistics.) A held layer never asks the batch.
  public func checkBatches(of size: Int, images: Int) throws(GraftFailure) {
    guard images > 0, size == 1 || images % size == 1,
      let layer = layers.first(where: { layer in
        layer.mapShape.height * layer.mapShape.width == 1
          && layer.norm.map { trains($0.gain) || trains($0.shift) } ?? false
      })
    else { return }
    let which =
      size == 1 || images == 1
      ? "batches of one image" : "\(images) images in batches of \(size) leave a last batch of one image"
    throw GraftFailure(
      .usage,
      "\(layer.name) is normalised over the batch, and \(which), where there is nothing to normalise: choose another --batch-size"
    )
  }

  /// Columns of a matrix of what layer `index` reads: pixels for the first one; for the others also the padding of maps.
  package func inputColumns(ofLayer index: Int) -> Int {
    index == 0 ? inputShape.count : layers[index - 1].outputLayout.count
  }

  /// The layers that are the head: the last linear one.
  package var headSlices: [ParameterSlice] { layers.last?.slices ?? [] }

  /// The head's weight and bias.
  package var head: (weight: ParameterSlice, bias: ParameterSlice) {
    // A model's layers end with its head, whatever its architecture, and a head is not normalised (`LayerBuilder.layers`).
    guard let head = layers.last, let bias = head.bias else { preconditionFailure("a model without a head") }
    return (head.weight, bias)
  }
}
