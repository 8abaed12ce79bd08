import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks

/// A data set in the form that a model reads: normalised inputs, and for each the output that should win.
public struct Examples: Sendable {
  /// Pixels, or the output of a frozen prefix.
  public let inputs: InputRows
  /// One output index per row.
  public let labels: [Int]
  /// The layer that reads ``inputs``: 0 for pixels.
  package let firstLayer: Int
  /// Images that ``inputs`` were made from; nil for features, and for rows that were given as numbers.
  let source: Source?

  /// Images as bytes, and their conversion to numbers. Shares the data set's memory.
  struct Source: Sendable {
    let dataset: Dataset
    let normalization: Normalization
  }

  /// The examples of `dataset`, which must have only classes that are in `outputs`.
  public init(_ dataset: Dataset, outputs: ClassOutputs, normalization: Normalization) throws(GraftFailure) {
    labels = try outputs.outputs(for: dataset.labels)
    inputs = normalization.rows(dataset.rows)
    firstLayer = 0
    source = Source(dataset: dataset, normalization: normalization)
  }

  package init(inputs: InputRows, labels: [Int], firstLayer: Int = 0) {
    self.init(inputs: inputs, labels: labels, firstLayer: firstLayer, source: nil)
  }

  init(inputs: InputRows, labels: [Int], firstLayer: Int = 0, source: Source?) {
    precondition(inputs.count == labels.count)
    self.inputs = inputs
    self.labels = labels
    self.firstLayer = firstLayer
    self.source = source
  }

  /// Number of examples.
  package var count: Int { labels.count }

  /// The same examples with their inputs in dense form.
  package var dense: Examples {
    Examples(inputs: inputs.dense, labels: labels, firstLayer: firstLayer, source: source)
  }

  /// The first `count` examples, or all if there are fewer.
  package func prefix(_ count: Int) -> Examples {
    let count = min(count, self.count)
    let source = source.map { source in
      Source(dataset: source.dataset.selecting(images: Array(0..<count)), normalization: source.normalization)
    }
    return Examples(
      inputs: inputs.prefix(count), labels: Array(labels.prefix(count)), firstLayer: firstLayer, source: source)
  }

  /// The features of some examples, in that order.
  package func selecting(_ indices: [Int]) -> Examples {
    var part = Matrix(rows: indices.count, columns: inputs.columns)
    part.gather(indices[...], of: inputs.matrix)
    return Examples(inputs: .dense(part), labels: indices.map { labels[$0] }, firstLayer: firstLayer)
  }

  /// Largest features in bytes; larger ones are computed in every step instead.
  package static let largestFeatures = 2 << 30

  /// The same examples behind the frozen prefix of `model`, whose output is computed once instead of in every step.
  ///
  /// Right as long as the prefix keeps its weights and computes the same for the same input, which every layer here does (none
  /// draws random numbers), and no image changes from epoch to epoch. Costs rows × units × 4 bytes (62 MB for half of MNIST
  /// behind 500 units); if that is more than `largestFeatures`, the examples stay as they are.
  package func behindFrozenPrefix(of model: Model) -> Examples { behindFrozenPrefix(of: model, team: .alone) }

  package func behindFrozenPrefix(of model: Model, team: Team, largest: Int = Examples.largestFeatures) -> Examples {
    let prefix = model.frozenPrefix
    guard firstLayer == 0, prefix > 0, prefix < model.layers.count,
      Matrix.bytes(rows: count, columns: model.inputColumns(ofLayer: prefix)) <= largest
    else { return self }
    // Features of photographs are dear, and the same for every draw of them.
    let features =
      if model.runsAsProgram, let source {
        FeatureCache.shared.features(
          of: source.dataset, source.normalization, through: prefix, of: model, team: team)
      } else {
        model.features(of: inputs, through: prefix, team: team)
      }
    return Examples(inputs: .dense(features), labels: labels, firstLayer: prefix)
  }

  /// Bytes of the features that replace the inputs; zero if the inputs are pixels.
  package var featureBytes: Int {
    guard firstLayer > 0, case .dense(let matrix) = inputs else { return 0 }
    return Matrix.bytes(rows: matrix.rows, columns: matrix.columns)
  }
}
