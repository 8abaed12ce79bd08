/// Counts of a model's answers for one class against all others.
public struct ClassMetrics: Sendable, Hashable {
  /// Examples of the class that were answered with it.
  package let truePositives: Int
  /// Examples of other classes that were answered with the class.
  package let falsePositives: Int
  /// Examples of other classes that were answered with another class than this one.
  package let trueNegatives: Int
  /// Examples of the class that were answered with another one.
  package let falseNegatives: Int

  /// Precision: the share of the answers "this class" that is right; nil if there was no such answer.
  public var precision: Double? { ratio(truePositives, truePositives + falsePositives) }
  /// Recall: the share of the class's examples that was found; nil if there was none.
  public var recall: Double? { ratio(truePositives, truePositives + falseNegatives) }
  /// The harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN).
  public var f1: Double? { ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives) }

  private func ratio(_ part: Int, _ whole: Int) -> Double? { whole == 0 ? nil : Double(part) / Double(whole) }
}

extension ConfusionMatrix {
  /// The counts for class `label` against all others.
  public func metrics(of label: Int) -> ClassMetrics {
    let hits = counts[label][label]
    let actual = counts[label].reduce(0, +)
    let answered = counts.reduce(0) { $0 + $1[label] }
    return ClassMetrics(
      truePositives: hits, falsePositives: answered - hits, trueNegatives: count - actual - answered + hits,
      falseNegatives: actual - hits)
  }

  /// Classes that have examples, over which a mean over classes is taken.
  package var measured: [Int] { counts.indices.filter { label in counts[label].contains { $0 > 0 } } }

  /// The unweighted mean of a measure over the `measured` classes. The precision of a class that was never answered counts as
  /// 0.
  ///
  /// As scikit-learn's `average="macro"` with `labels` the classes of `y_true` and `zero_division=0`. Classes that only a stray
  /// answer named have no examples, and so no share in the mean.
  package func macro(_ measure: (ClassMetrics) -> Double?) -> Double? {
    let values = measured.map { measure(metrics(of: $0)) ?? 0 }
    return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  /// The balanced accuracy: the unweighted mean recall of the `measured` classes; nil if there are no examples.
  ///
  /// As scikit-learn's `balanced_accuracy_score` (Brodersen, Ong, Stephan and Buhmann, "The balanced accuracy and its posterior
  /// distribution", ICPR 2010).
  package var balancedAccuracy: Double? { macro(\.recall) }

  /// The unweighted mean F1 of the `occurring` classes; nil if there are no examples.
  ///
  /// As scikit-learn's `f1_score(average="macro")`: a class that only stray answers named has an F1 of 0, which counts. In
  /// `macro(\.f1)` it has no share.
  package var macroF1: Double? {
    let values = occurring.map { metrics(of: $0).f1 ?? 0 }
    return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  /// Whether the largest of the `measured` classes has at least 1.5 times as many examples as the smallest: then the accuracy
  /// tells mostly of the large classes.
  package var isImbalanced: Bool {
    let sizes = measured.map { counts[$0].reduce(0, +) }
    guard let largest = sizes.max(), let smallest = sizes.min() else { return false }
    return 2 * largest >= 3 * smallest
  }

  /// The most frequent errors, most frequent first; among equals the one that comes first in the matrix.
  package func mostConfused(_ limit: Int) -> [(actual: Int, predicted: Int, count: Int)] {
    var pairs: [(actual: Int, predicted: Int, count: Int)] = []
    for actual in counts.indices {
      for predicted in counts.indices where actual != predicted && counts[actual][predicted] > 0 {
        pairs.append((actual, predicted, counts[actual][predicted]))
      }
    }
    pairs.sort { ($1.count, $0.actual, $0.predicted) < ($0.count, $1.actual, $1.predicted) }
    return Array(pairs.prefix(limit))
  }
}
