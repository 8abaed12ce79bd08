import GraftTraining

/// What a model still knows of its source's task after it was transferred, answered by the source's own head.
///
/// Forgetting is the accuracy on the source's test images before the transfer minus that after it (Lopez-Paz and Ranzato,
/// "Gradient Episodic Memory for Continual Learning", NIPS 2017, eq. 3, with the sign turned).
public struct Retention: Sendable, Hashable {
  /// One of each per seed.
  public let before: [Tally]
  public let after: [Tally]

  /// Nil where a seed lacks one of the two.
  init?(before: [Tally?], after: [Tally?]) {
    let pairs = zip(before, after).compactMap { before, after in before.flatMap { one in after.map { (one, $0) } } }
    guard !pairs.isEmpty, pairs.count == before.count, before.count == after.count else { return nil }
    self.before = pairs.map(\.0)
    self.after = pairs.map(\.1)
  }

  /// In percent, one per seed.
  public var accuracyBefore: Sample { Sample(before.map(\.percent)) }
  public var accuracyAfter: Sample { Sample(after.map(\.percent)) }
  /// In points, one per seed; below zero where the source's task was done better afterwards.
  public var forgetting: Sample { Sample(zip(before, after).map { $0.percent - $1.percent }) }
}
