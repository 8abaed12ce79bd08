/// The answer of a comparison to the question whether a method is better than its control.
public enum Verdict: String, Sendable, CaseIterable {
  case helps
  case hurts
  /// The gain is shown to be smaller than a stated margin, in either direction.
  case equal
  /// Neither a difference nor equality is shown.
  case notShown = "not shown"
  /// One seed trains one model of each method: two models can be compared, two methods cannot.
  case oneSeed = "one seed"

  /// Whether a difference between the methods is shown.
  package var isDifference: Bool { self == .helps || self == .hurts }
}
