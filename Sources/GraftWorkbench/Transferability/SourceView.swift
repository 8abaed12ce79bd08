import GraftMatrices

/// The features and probabilities that a source model gives a target's labelled images, before anything is trained on
/// them.
package struct SourceView: Sendable {
  /// The features that the head would read: [images × units].
  package let features: Matrix
  /// The probabilities of the source's head: [images × source classes], rows sum to 1.
  package let probabilities: Matrix
  /// The target classes of the images, in `0..<classCount`.
  package let labels: [Int]
  /// The number of classes of the target; some may have no image.
  package let classCount: Int

  /// Creates a view.
  ///
  /// - Precondition: One row of features and one of probabilities for each label.
  package init(features: Matrix, probabilities: Matrix, labels: [Int], classCount: Int) {
    precondition(features.rows == labels.count && probabilities.rows == labels.count)
    precondition(labels.allSatisfy { $0 >= 0 && $0 < classCount })
    self.features = features
    self.probabilities = probabilities
    self.labels = labels
    self.classCount = classCount
  }
}
