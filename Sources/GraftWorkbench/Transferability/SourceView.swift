import GraftMatrices

/// What a source model makes of a target's labelled images, before anything is trained on them.
public struct SourceView: Sendable {
  /// What the head would read: [images × units].
  public let features: Matrix
  /// What the source's head says: [images × source classes], rows sum to 1.
  public let probabilities: Matrix
  /// Target classes, in `0..<classCount`.
  public let labels: [Int]
  /// Classes of the target; some may have no image.
  public let classCount: Int

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
