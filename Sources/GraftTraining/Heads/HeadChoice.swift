/// Heads solved with several strengths of the penalty, and which of them is best on held-out examples.
package struct HeadChoice: Sendable {
  /// One strength, with its head's results on the validation examples.
  package struct Candidate: Sendable {
    package let solution: HeadSolution
    package let correct: Int
    package let count: Int
    /// The mean loss on the validation examples.
    package let loss: Double

    package var strength: Double { solution.strength }
    /// Right answers among all.
    package var accuracy: Tally { Tally(correct: correct, images: count) }
  }

  /// Candidates from the strongest penalty to the weakest; at least one.
  package let candidates: [Candidate]
  /// The candidate with the most right answers; among equals the smallest loss, and then the strongest penalty.
  package let best: Candidate

  init(candidates: [Candidate]) {
    self.candidates = candidates
    best = candidates.dropFirst().reduce(candidates[0]) { best, next in
      if next.correct != best.correct { return next.correct > best.correct ? next : best }
      return next.loss < best.loss ? next : best
    }
  }
}
