import GraftData
import GraftMatrices
import GraftNetworks
import GraftTraining

/// Linear CKA of every hidden layer of one checkpoint with every hidden layer of another, on the same images.
package struct LayerSimilarities: Sendable {
  /// The similarities by the first's layers, then by the second's, 0 to 1; nil if one of the two says the same of every
  /// image.
  package let values: [[Double?]]
  /// The number of images that were compared.
  package let images: Int

  /// Compares two checkpoints; nil if one has no hidden layer, or the two read images of different shapes.
  ///
  /// - Parameter dataset: At most 2,000 of its images are used, the first ones.
  package init?(_ first: Checkpoint, _ second: Checkpoint, on dataset: Dataset) {
    let shape = first.model.inputShape
    guard shape == second.model.inputShape, shape == dataset.shape else { return nil }
    let chosen = dataset.selecting(images: Array(0..<min(dataset.count, SimilarityJob.mostImages)))
    func features(_ checkpoint: Checkpoint) -> [CenteredFeatures] {
      let inputs = checkpoint.normalization.rows(chosen.pixels, columns: shape.count)
      return checkpoint.model.architecture.body.indices.map {
        CenteredFeatures(checkpoint.model.hiddenFeatures(of: inputs, layer: $0 + 1))
      }
    }
    let (one, other) = (features(first), features(second))
    guard !one.isEmpty, !other.isEmpty else { return nil }
    images = chosen.count
    values = one.map { layer in other.map { layer.similarity(to: $0) } }
  }
}
