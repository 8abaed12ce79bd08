import Foundation
import GraftMatrices

/// The agreement of the source's answers with the target's labels: LEEP and NCE.
struct LabelAgreement {
  private let probabilities: [[Double]]
  private let labels: [Int]
  private let classCount: Int
  private let sourceCount: Int

  /// Divides each row by its sum, which softmax in Float leaves some 10⁻⁷ off 1: no LEEP then exceeds 0.
  init(_ view: SourceView) {
    labels = view.labels
    classCount = view.classCount
    sourceCount = view.probabilities.columns
    probabilities = view.labels.indices.map { row in
      let row = view.probabilities.doubles(ofRow: row)
      let sum = row.reduce(0, +)
      return row.map { $0 / sum }
    }
  }

  /// Whether every row is a distribution.
  private var isComplete: Bool {
    !labels.isEmpty && sourceCount > 0
      && probabilities.allSatisfy { $0.allSatisfy { $0.isFinite && $0 >= 0 } }
  }

  /// LEEP, the mean of log Σ_z P(yᵢ|z) θ(xᵢ)_z, P(y|z) from the empirical joint distribution P(y, z) = 1/n Σ_{yᵢ = y}
  /// θ(xᵢ)_z (Nguyen et al., "LEEP", ICML 2020, equations 1 and 2).
  ///
  /// An image contributes to the joint distribution of its own label, so no logarithm is of zero.
  var leep: Double? {
    guard isComplete else { return nil }
    var joint = [[Double]](repeating: [Double](repeating: 0, count: sourceCount), count: classCount)
    for (row, label) in zip(probabilities, labels) {
      for (z, probability) in row.enumerated() { joint[label][z] += probability }
    }
    let marginal = (0..<sourceCount).map { z in joint.reduce(0) { $0 + $1[z] } }
    // A source class that no image has any of takes no part.
    let conditional = joint.map { row in zip(row, marginal).map { $1 > 0 ? $0 / $1 : 0 } }
    let sum = zip(probabilities, labels).reduce(0) { sum, image in
      sum + log(min(zip(image.0, conditional[image.1]).reduce(0) { $0 + $1.0 * $1.1 }, 1))
    }
    return sum / Double(labels.count)
  }

  /// NCE, -H(Y|Z), Z the source's most probable class, the first of equals (Tran, Nguyen and Hassner, "Transferability
  /// and hardness of supervised classification tasks", ICCV 2019, equations 3 and 5).
  var nce: Double? {
    guard isComplete else { return nil }
    var joint = [[Int]](repeating: [Int](repeating: 0, count: classCount), count: sourceCount)
    for (row, label) in zip(probabilities, labels) {
      let largest = row.indices.dropFirst().reduce(0) { row[$1] > row[$0] ? $1 : $0 }
      joint[largest][label] += 1
    }
    let sum = joint.reduce(0) { sum, counts in
      let all = Double(counts.reduce(0, +))
      return counts.reduce(sum) { $1 == 0 ? $0 : $0 + Double($1) * log(Double($1) / all) }
    }
    return sum / Double(labels.count)
  }
}
