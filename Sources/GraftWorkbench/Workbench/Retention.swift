import GraftStatistics
import GraftTraining

/// The knowledge of its source's task that a model keeps after its transfer, answered by the source's own head.
///
/// Forgetting is the accuracy on the source's test images before the transfer minus the accuracy after it (Lopez-Paz
/// and Ranzato, "Gradient Episodic Memory for Continual Learning", NIPS 2017, eq. 3, with the sign turned).
package struct Retention: Sendable, Hashable {
  /// The right answers before the transfer, one count per seed.
  package let before: [Tally]
  /// The right answers after the transfer, one count per seed.
  package let after: [Tally]

  /// Pairs the counts; nil if a seed lacks one of the two.
  init?(before: [Tally?], after: [Tally?]) {
    let pairs = zip(before, after).compactMap { before, after in before.flatMap { one in after.map { (one, $0) } } }
    guard !pairs.isEmpty, pairs.count == before.count, before.count == after.count else { return nil }
    self.before = pairs.map(\.0)
    self.after = pairs.map(\.1)
  }

  /// The accuracies before the transfer in percent, one per seed.
  package var accuracyBefore: Sample { Sample(before.map(\.percent)) }
  /// The accuracies after the transfer in percent, one per seed.
  package var accuracyAfter: Sample { Sample(after.map(\.percent)) }
  /// The forgetting in points, one per seed; below zero if the source's task was done better afterwards.
  package var forgetting: Sample { Sample(zip(before, after).map { $0.percent - $1.percent }) }
}
