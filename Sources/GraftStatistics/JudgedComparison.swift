/// A comparison as it is judged together with all others of its study.
///
/// A study asks many questions, and some of them find something by chance. Holm's correction keeps the probability of any false
/// finding below `findingLevel`, once for differences and once for equalities.
public struct JudgedComparison: Sendable, Hashable {
  /// The margin of equality that is usual: half a point, less than seeds of one method differ by with few labels.
  public static let usualMargin = 0.5

  /// The probability that a study in which nothing differs finds something all the same.
  package static let findingLevel = 0.05

  /// The comparison that is judged.
  public let comparison: MethodComparison
  /// ``MethodComparison/pValue`` after the correction.
  public let adjustedP: Double
  /// `GainTest.equivalenceP(margin:)` after the correction; nil for one seed.
  package let adjustedEquivalenceP: Double?
  /// Gains smaller than this count as equal, in points.
  package let margin: Double
  /// The uncorrected p below which the comparison would have been a finding of this study, the others being as they are.
  package let level: Double

  /// The verdict after the correction.
  public var verdict: Verdict {
    guard comparison.test != nil else { return .oneSeed }
    if adjustedP < JudgedComparison.findingLevel, comparison.gain.mean != 0 {
      return comparison.gain.mean > 0 ? .helps : .hurts
    }
    if let adjustedEquivalenceP, adjustedEquivalenceP < JudgedComparison.findingLevel { return .equal }
    return .notShown
  }

  /// The smallest gain that this study would have shown in eight of ten cases, in points; nil for one seed.
  public var detectable: Double? { comparison.test?.detectable(level: level) }

  /// Judges several comparisons as one family.
  ///
  /// - Parameter margin: In points, greater than 0.
  /// - Returns: The judged comparisons, in the order of `comparisons`.
  package static func family(_ comparisons: [MethodComparison], margin: Double) -> [JudgedComparison] {
    let adjusted = Holm.adjusted(comparisons.map(\.pValue))
    let open = adjusted.count { $0 >= findingLevel }
    let equivalences = comparisons.indices.filter { comparisons[$0].test != nil }
    let equal = Holm.adjusted(equivalences.map { comparisons[$0].test?.equivalenceP(margin: margin) ?? 1 })
    var adjustedEquivalence = [Double?](repeating: nil, count: comparisons.count)
    for (index, p) in zip(equivalences, equal) { adjustedEquivalence[index] = p }
    return comparisons.indices.map { index in
      JudgedComparison(
        comparison: comparisons[index], adjustedP: adjusted[index], adjustedEquivalenceP: adjustedEquivalence[index],
        margin: margin, level: findingLevel / Double(max(open, 1)))
    }
  }
}
