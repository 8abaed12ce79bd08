import GraftMatrices

/// The features and probabilities that a source model gives a target's labelled images, before anything is trained on
/// them.
public struct SourceView: Sendable {
  /// The features that the head would read: [images × units].
  public let features: Matrix
  /// The probabilities of the source's head: [images × source classes], rows sum to 1.
  public let probabilities: Matrix
  /// The target classes of the images, in `0..<classCount`.
  public let labels: [Int]
  /// The number of classes of the target; some may have no image.
  public let classCount: Int

  /// Creates a view.
  ///
  /// - Precondition: One row of features and one of probabilities for each label.
  public init(features: Matrix, probabilities: Matrix, labels: [Int], classCount: Int) {
    precondition(features.rows == labels.count && probabilities.rows == labels.count)
    precondition(labels.allSatisfy { $0 >= 0 && $0 < classCount })
    self.features = features
    self.probabilities = probabilities
    self.labels = labels
    self.classCount = classCount
  }
}
