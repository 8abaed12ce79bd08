/// A test of two models on the same test images, by the images on which exactly one of them is right.
///
/// McNemar, "Note on the sampling error of the difference between correlated proportions or percentages", Psychometrika
/// 12, 1947, in its exact form: if the models are equally good, which of the two is right on such an image is a fair
/// coin.
public struct McNemar: Sendable, Hashable {
  /// Images that only the first model gets right.
  public let firstOnly: Int
  /// Images that only the second model gets right.
  public let secondOnly: Int

  /// Creates the test from its two counts.
  package init(firstOnly: Int, secondOnly: Int) {
    precondition(firstOnly >= 0 && secondOnly >= 0)
    self.firstOnly = firstOnly
    self.secondOnly = secondOnly
  }

  /// Counts the images on which exactly one model is right.
  ///
  /// - Parameters:
  ///   - labels: The true output of each image.
  ///   - first: The first model's answers, in the same order.
  ///   - second: The second model's answers.
  public init(labels: [Int], first: [Int], second: [Int]) {
    precondition(labels.count == first.count && labels.count == second.count)
    var counts = (0, 0)
    for index in labels.indices {
      let isFirstRight = first[index] == labels[index]
      let isSecondRight = second[index] == labels[index]
      if isFirstRight && !isSecondRight { counts.0 += 1 }
      if !isFirstRight && isSecondRight { counts.1 += 1 }
    }
    self.init(firstOnly: counts.0, secondOnly: counts.1)
  }

  /// The two-sided probability of a split at least as uneven, if the models are equally good.
  public var pValue: Double {
    let total = firstOnly + secondOnly
    let fewer = min(firstOnly, secondOnly)
    guard total > 0, firstOnly != secondOnly else { return 1 }
    // P(X ≤ k) for X ~ Bin(n, 1/2) is I_{1/2}(n - k, k + 1) (DLMF 8.17.5).
    return min(1, 2 * regularizedIncompleteBeta(0.5, Double(total - fewer), Double(fewer + 1)))
  }
}
