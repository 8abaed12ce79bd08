/// What a model does with one class, counted against all others.
public struct ClassMetrics: Sendable, Hashable {
  public let truePositives: Int
  public let falsePositives: Int
  public let trueNegatives: Int
  public let falseNegatives: Int

  /// Of the answers "this class", the share that is right; nil where there was no such answer.
  public var precision: Double? { ratio(truePositives, truePositives + falsePositives) }
  /// Of the examples of this class, the share that was found; nil where there was none.
  public var recall: Double? { ratio(truePositives, truePositives + falseNegatives) }
  /// The harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN).
  public var f1: Double? { ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives) }

  private func ratio(_ part: Int, _ whole: Int) -> Double? { whole == 0 ? nil : Double(part) / Double(whole) }
}

extension ConfusionMatrix {
  public func metrics(of label: Int) -> ClassMetrics {
    let hits = counts[label][label]
    let actual = counts[label].reduce(0, +)
    let answered = counts.reduce(0) { $0 + $1[label] }
    return ClassMetrics(
      truePositives: hits, falsePositives: answered - hits, trueNegatives: count - actual - answered + hits,
      falseNegatives: actual - hits)
  }

  /// Classes that have examples: those that a mean over classes is about.
  public var measured: [Int] { counts.indices.filter { label in counts[label].contains { $0 > 0 } } }

  /// The unweighted mean of a measure over the ``measured`` classes, whichever measure it is. The precision of a class that was never
  /// answered counts as 0.
  ///
  /// scikit-learn's `average="macro"` with `labels` the classes of `y_true` and `zero_division=0`. Classes that only a stray answer
  /// named have no examples, and so no share in the mean.
  public func macro(_ measure: (ClassMetrics) -> Double?) -> Double? {
    let values = measured.map { measure(metrics(of: $0)) ?? 0 }
    return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  /// The commonest errors, most frequent first; of equals the one that comes first in the matrix.
  public func mostConfused(_ limit: Int) -> [(actual: Int, predicted: Int, count: Int)] {
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
