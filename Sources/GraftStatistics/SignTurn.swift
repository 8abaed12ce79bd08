import Foundation

/// The number of labels with which a method stops helping and starts to hurt, or the other way round.
package enum SignTurn: Sendable, Hashable {
  /// One amount of labels, at which a method was compared with its control.
  package struct Point: Sendable, Hashable {
    /// Labelled training images per class.
    package let labelsPerClass: Double
    /// The mean gain in points.
    package let gain: Double
    /// The verdict on the gain.
    package let outcome: Verdict

    /// Creates a point.
    ///
    /// - Parameter gain: Positive if the method helps, negative if it hurts.
    package init(labelsPerClass: Double, gain: Double, outcome: Verdict) {
      precondition(labelsPerClass > 0)
      precondition(!outcome.isDifference || (outcome == .helps) == (gain > 0) && gain != 0)
      self.labelsPerClass = labelsPerClass
      self.gain = gain
      self.outcome = outcome
    }
  }

  /// One change of sign between two amounts at both of which a difference is shown.
  package struct Turn: Sendable, Hashable {
    /// The verdict shown at `last`; the opposite is shown at `first`.
    package let before: Verdict
    /// The last amount at which it is shown, in labels per class.
    package let last: Double
    /// The first later amount at which the opposite is shown, in labels per class.
    package let first: Double
    /// The labels per class at which the straight line through the mean gains at these two amounts, over log(labels),
    /// passes zero.
    package let labelsPerClass: Double
    /// Whether there are amounts between the two at which nothing is shown: then the turn is no better known than
    /// between them.
    package let hasTiesBetween: Bool
  }

  /// No difference is shown at any amount.
  case neverShown
  /// It helps wherever a difference is shown, which is first and last at these amounts.
  case helpsThroughout(from: Double, to: Double)
  /// It hurts wherever a difference is shown, which is first and last at these amounts.
  case hurtsThroughout(from: Double, to: Double)
  /// It turns once.
  case turns(Turn)
  /// It turns to and fro, in rising order of labels.
  case turnsRepeatedly([Turn])

  /// Finds the turns of a method's sign.
  ///
  /// - Parameter points: In rising order of labels.
  package init(_ points: [Point]) {
    precondition(zip(points, points.dropFirst()).allSatisfy { $0.labelsPerClass < $1.labelsPerClass })
    let shown = points.indices.filter { points[$0].outcome.isDifference }
    guard let start = shown.first, let end = shown.last else {
      self = .neverShown
      return
    }
    let turns = zip(shown, shown.dropFirst()).filter { points[$0].outcome != points[$1].outcome }.map { before, after in
      Turn(points[before], points[after], hasTiesBetween: after - before > 1)
    }
    if turns.count > 1 {
      self = .turnsRepeatedly(turns)
    } else if let turn = turns.first {
      self = .turns(turn)
    } else if points[start].outcome == .helps {
      self = .helpsThroughout(from: points[start].labelsPerClass, to: points[end].labelsPerClass)
    } else {
      self = .hurtsThroughout(from: points[start].labelsPerClass, to: points[end].labelsPerClass)
    }
  }
}

extension SignTurn.Turn {
  fileprivate init(_ before: SignTurn.Point, _ after: SignTurn.Point, hasTiesBetween: Bool) {
    self.before = before.outcome
    last = before.labelsPerClass
    first = after.labelsPerClass
    labelsPerClass = last * pow(first / last, before.gain / (before.gain - after.gain))
    self.hasTiesBetween = hasTiesBetween
  }
}
