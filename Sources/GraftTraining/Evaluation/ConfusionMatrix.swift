/// Counts of (true class, predicted class) pairs.
public struct ConfusionMatrix: Sendable, Hashable, Codable {
  /// Counts by true and predicted class: `counts[t][p]` examples of class `t` were predicted as `p`.
  public private(set) var counts: [[Int]]

  /// A matrix of zeros, [classCount × classCount].
  package init(classCount: Int) {
    counts = Array(repeating: Array(repeating: 0, count: classCount), count: classCount)
  }

  /// A matrix of given counts.
  ///
  /// - Parameter counts: Square; rows true classes, columns predicted ones.
  package init(counts: [[Int]]) {
    precondition(counts.allSatisfy { $0.count == counts.count })
    self.counts = counts
  }

  /// Counts one example.
  package mutating func record(true label: Int, predicted: Int) { counts[label][predicted] += 1 }

  /// Number of classes.
  package var classCount: Int { counts.count }
  /// Number of examples.
  public var count: Int { counts.reduce(0) { $0 + $1.reduce(0, +) } }
  /// Number of right answers.
  public var correct: Int { counts.indices.reduce(0) { $0 + counts[$1][$1] } }
  /// Right answers among all.
  package var accuracy: Tally { Tally(correct: correct, images: count) }

  /// Classes that occur, as true class or as answer.
  package var occurring: [Int] {
    counts.indices.filter { label in counts[label].contains { $0 > 0 } || counts.contains { $0[label] > 0 } }
  }

  /// The rows and columns of `classes`, in that order.
  package func restricted(to classes: [Int]) -> ConfusionMatrix {
    ConfusionMatrix(counts: classes.map { row in classes.map { counts[row][$0] } })
  }
}
