/// The rule by which the examples of a class weigh in a training's loss, for data with many more examples of one class than of
/// another.
///
/// The training loss becomes `Σ w[label] · loss / Σ w[label]` over a batch; see
/// `SoftmaxCrossEntropy.callAsFunction(labels:classWeights:of:in:)`. Measurements of a model weigh all examples the same.
package enum ClassWeights: String, Sendable, Hashable, CaseIterable {
  /// Every example has the weight 1.
  case none
  /// All classes weigh the same: an example of class c has the weight N / (K · N_c), for N examples of K classes, N_c of them of
  /// class c. The mean weight of the examples is 1.
  ///
  /// As scikit-learn's `class_weight="balanced"`: the weighting of King and Zeng, "Logistic Regression in Rare Events Data",
  /// Political Analysis 9(2), 2001, for classes of which each is one K-th of the population.
  case balanced

  /// The weight of each of `classCount` classes; empty if all have the weight 1. A class without examples, which is not one of
  /// the K, has the weight 0.
  ///
  /// - Parameter labels: The class of each example of the whole training, counted from 0.
  package func weights(of labels: [Int], classCount: Int) -> [Float] {
    guard self == .balanced else { return [] }
    var counts = [Int](repeating: 0, count: classCount)
    for label in labels { counts[label] += 1 }
    let classes = counts.count { $0 > 0 }
    return counts.map { $0 == 0 ? 0 : Float(Double(labels.count) / (Double(classes) * Double($0))) }
  }
}
