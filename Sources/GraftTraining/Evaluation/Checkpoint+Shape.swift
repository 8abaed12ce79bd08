import GraftData
import GraftFiles
import GraftNetworks

extension Checkpoint {
  /// - Throws: Where the images of `dataset` are not of the shape that the model reads.
  public func checkShape(of dataset: Dataset, path: String) throws(GraftFailure) {
    guard model.inputShape == dataset.shape else {
      throw GraftFailure(
        .badData,
        "\(path): the model reads images of \(model.inputShape), \(dataset.name) has \(dataset.shape)")
    }
  }
}
