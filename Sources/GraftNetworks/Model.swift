import GraftFiles
import GraftKernelCalls
import GraftMatrices

/// A classifier: a body of hidden layers and a head with one output per class.
///
/// The model knows neither loss nor optimizer. One mask over its named parameters says which of them train; the `freeze`
/// functions and the stages of a `TransferPlan` set it. The mask decides which gradients there are, how much of a pass over the
/// data may be computed once (`frozenPrefix`), and whether a normalisation uses its batch.
public struct Model: Sendable, Hashable {
  /// The layers of the body.
  public let architecture: Architecture
  /// The shape of the images that the model reads.
  public let inputShape: ImageShape
  /// Number of outputs of the head.
  package let classCount: Int
  /// Layers, from the input on: the body, then the head.
  package let layers: [Layer]
  /// Weights, biases and running statistics of all layers.
  public package(set) var parameters: Parameters
  /// For each slice of the parameters, whether it trains; always false for a running statistic.
  public package(set) var isTrainable: [Bool]

  /// A model with fresh weights, drawn from `seed`.
  ///
  /// - Parameters:
  ///   - architecture: An architecture that ``Architecture/check(on:classCount:)`` accepts.
  ///   - inputShape: The shape of the images that the model reads.
  ///   - classCount: Number of outputs of the head, at least 1.
  ///   - seed: Seed of the weights.
  ///   - initialization: The rule by which the weights are drawn; by default uniform in ±1/√inputs.
  public init(
    _ architecture: Architecture, inputShape: ImageShape, classCount: Int, seed: UInt64,
    initialization: Initialization = .uniform
  ) {
    self.init(blank: architecture, inputShape: inputShape, classCount: classCount)
    for (index, slice) in parameters.slices.enumerated() {
      parameters.initialize(slice, index: index, by: initialization, seed: seed)
    }
  }

  /// A model whose parameters are all zero, for weights that come from elsewhere.
  init(blank architecture: Architecture, inputShape: ImageShape, classCount: Int) {
    precondition(classCount > 0 && inputShape.count > 0)
    self.architecture = architecture
    self.inputShape = inputShape
    self.classCount = classCount
    var table = ParameterTable()
    layers = LayerBuilder(architecture, inputShape, classCount: classCount).layers(&table)
    parameters = Parameters(table.slices)
    isTrainable = table.slices.map { !$0.isStatistic }
  }

  /// Checks that no batch is too small for batch normalisation.
  ///
  /// - Throws: If a layer that is normalised over the batch would meet a batch of one image and has a single number for it, which
  ///   has no deviation. (Such a batch would be normalised by the running statistics.) A frozen layer never uses the batch.
  package func checkBatches(of size: Int, images: Int) throws(GraftFailure) {
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
      "\(layer.name) is normalised over the batch, and \(which), where there is nothing to normalise"
    ).with(.otherBatchSize)
  }

  /// Columns of the input matrix of layer `index`: pixels for the first layer; for the others also the padding of feature maps.
  package func inputColumns(ofLayer index: Int) -> Int {
    index == 0 ? inputShape.count : layers[index - 1].outputLayout.count
  }

  /// The learned parameters of the head, the last layer.
  package var headSlices: [ParameterSlice] { layers.last?.slices ?? [] }

  /// The head's weight and bias.
  package var head: (weight: ParameterSlice, bias: ParameterSlice) {
    // A model's layers end with its head, whatever its architecture, and a head is not normalised (`LayerBuilder.layers`).
    guard let head = layers.last, let bias = head.bias else { preconditionFailure("a model without a head") }
    return (head.weight, bias)
  }
}
