import GraftFiles
import GraftMatrices

extension DatasetPair {
  /// Both parts in another shape; see `Dataset.resized(to:)`.
  public func resized(to shape: ImageShape) throws(GraftFailure) -> DatasetPair {
    DatasetPair(train: try train.resized(to: shape), test: try test.resized(to: shape))
  }
}
