import GraftData
import GraftFiles
import GraftNetworks

extension Checkpoint {
  /// Checks that the images of `dataset` have the shape that the model reads.
  ///
  /// - Throws: If they have another shape.
  package func checkShape(of dataset: Dataset, path: String) throws(GraftFailure) {
    guard model.inputShape == dataset.shape else {
      throw GraftFailure(
        .badData,
        "\(path): the model reads images of \(model.inputShape), \(dataset.name) has \(dataset.shape)")
    }
  }
}
