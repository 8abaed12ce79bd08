/// A point on the line of a search.
struct LinePoint: Sendable {
  /// Distance along the line, in lengths of its direction.
  var step: Double
  var point: [Double]
  var value: Double
  var gradient: [Double]
  /// The gradient along the direction.
  var slope: Double

  var isFinite: Bool { value.isFinite && slope.isFinite && gradient.allSatisfy(\.isFinite) }
}

/// A search along a descending line for a point where the strong Wolfe conditions hold: the value has fallen enough, and the
/// slope is flat enough.
///
/// Nocedal and Wright, Numerical Optimization, 2nd edition 2006, algorithms 3.5 (search for a bracket) and 3.6 (shrinking it),
/// with their constants, equations 3.7. If the values differ by less than `slack`, they say nothing any more; the fall is then
/// read from the slopes, as in the approximate Wolfe conditions of Hager and Zhang (SIAM Journal on Optimization 16, 2005,
/// equation 4.1). A point that is not finite counts as too far.
struct WolfeSearch: Sendable {
  private let start: LinePoint
  private let slack: Double

  /// The constant c₁: the least share of the fall predicted by the first slope that must be reached.
  private static let decrease = 1e-4
  /// The constant c₂: the largest slope as a share of the first one.
  private static let flatness = 0.9
  private static let largestEvaluations = 30

  /// A search from `start`.
  ///
  /// - Parameter start: A point with a slope below zero.
  init(from start: LinePoint, slack: Double) {
    self.start = start
    self.slack = slack
  }

  /// Searches along the line.
  ///
  /// - Returns: The point, or nil if none was found that is lower than the start; and the number of evaluations of the function.
  func run(from firstStep: Double, _ evaluate: (Double) -> LinePoint) -> (found: LinePoint?, evaluations: Int) {
    var low = start
    var step = firstStep
    for count in 1...WolfeSearch.largestEvaluations {
      let trial = evaluate(step)
      if isTooFar(trial, behind: low) { return zoom(low, trial, count, evaluate) }
      if isFlat(trial) { return (trial, count) }
      if trial.slope >= 0 { return zoom(trial, low, count, evaluate) }
      let distance = trial.step - low.step
      let guess = Self.minimum(low, trial, slack) - trial.step
      step = trial.step + (guess.isFinite ? min(max(guess, 1.1 * distance), 4 * distance) : 4 * distance)
      low = trial
    }
    return (low, WolfeSearch.largestEvaluations)
  }

  /// Shrinks the bracket (algorithm 3.6): `low` is the lowest point so far whose value has fallen enough, and the minimum lies
  /// between the two.
  private func zoom(
    _ low: LinePoint, _ high: LinePoint, _ count: Int, _ evaluate: (Double) -> LinePoint
  ) -> (found: LinePoint?, evaluations: Int) {
    var (low, high, count) = (low, high, count)
    while count < WolfeSearch.largestEvaluations {
      let width = high.step - low.step
      var share = 0.1
      if high.isFinite {
        let guess = (Self.minimum(low, high, slack) - low.step) / width
        share = guess.isFinite ? min(max(guess, 0.1), 0.9) : 0.5
      }
      let step = low.step + share * width
      guard step != low.step, step != high.step else { break }
      let trial = evaluate(step)
      count += 1
      if isTooFar(trial, behind: low) {
        high = trial
      } else {
        if isFlat(trial) { return (trial, count) }
        if trial.slope * width >= 0 { high = low }
        low = trial
      }
    }
    return (low.step > 0 ? low : nil, count)
  }

  private func isTooFar(_ trial: LinePoint, behind low: LinePoint) -> Bool {
    !trial.isFinite || !hasFallen(trial) || low.step > 0 && trial.value - low.value >= slack
  }

  private func hasFallen(_ trial: LinePoint) -> Bool {
    trial.value <= start.value + Self.decrease * trial.step * start.slope
      || trial.value <= start.value + slack && trial.slope <= (2 * Self.decrease - 1) * start.slope
  }

  private func isFlat(_ trial: LinePoint) -> Bool { abs(trial.slope) <= -Self.flatness * start.slope }

  /// The minimum of the cubic through two values and slopes (equation 3.59); if the values are too close to each other, the zero
  /// of the line through the slopes. Infinite or NaN if there is none.
  private static func minimum(_ a: LinePoint, _ b: LinePoint, _ slack: Double) -> Double {
    let width = b.step - a.step
    guard abs(a.value - b.value) > slack else { return a.step - a.slope * width / (b.slope - a.slope) }
    let d1 = a.slope + b.slope - 3 * (b.value - a.value) / width
    let square = d1 * d1 - a.slope * b.slope
    guard square >= 0 else { return .nan }
    let d2 = width < 0 ? -square.squareRoot() : square.squareRoot()
    return b.step - width * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2)
  }
}
