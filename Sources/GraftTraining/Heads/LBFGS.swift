/// Limited-memory BFGS, a method that finds a minimum of any smooth function from its values and gradients.
///
/// The last few steps and their changes of the gradient stand for the curvature (Liu and Nocedal, Mathematical Programming 45,
/// 1989; Nocedal and Wright, Numerical Optimization, 2nd edition 2006, algorithms 7.4 and 7.5), and each step ends where the
/// strong Wolfe conditions hold (`WolfeSearch`). There is no learning rate to choose, and nothing is random.
package struct LBFGS: Sendable, Hashable {
  /// Number of steps that are remembered.
  package var memory: Int
  /// Most steps.
  package var iterations: Int
  /// Tolerance on the gradient: the search ends if no component is larger.
  package var tolerance: Double
  /// Possible error of a value, as a share of its size: smaller differences are taken for rounding, and the slopes alone decide.
  package var noise: Double

  package init(memory: Int = 10, iterations: Int = 1000, tolerance: Double = 1e-6, noise: Double = 1e-15) {
    precondition(memory > 0 && iterations >= 0 && tolerance >= 0 && noise >= 0)
    self.memory = memory
    self.iterations = iterations
    self.tolerance = tolerance
    self.noise = noise
  }

  /// The reason why the search for a minimum ended.
  package enum Ending: String, Sendable {
    /// The gradient is within the tolerance.
    case converged
    /// The largest number of steps was done.
    case iterationLimit
    /// Rounding hides the rest: neither the value nor the gradient becomes smaller any more.
    case precisionLimit
    /// The value or the gradient is not finite at the start.
    case notFinite
  }

  /// A point of the search.
  package struct Iterate: Sendable {
    package internal(set) var point: [Double]
    package internal(set) var value: Double
    /// The largest component of the gradient, without its sign.
    package internal(set) var largestGradient: Double
    /// Number of steps before this point.
    package internal(set) var iteration: Int
    /// Number of evaluations of the function so far, this point's included.
    package internal(set) var evaluations: Int
  }

  /// Number of steps without a lower value and without a smaller gradient after which `Ending.precisionLimit` is reached.
  private static let patience = 20

  /// Finds a minimum.
  ///
  /// - Parameters:
  ///   - function: Writes its gradient at a point, with as many components, and returns its value there. May be infinite or NaN
  ///     away from `start`.
  ///   - report: Called at the start and after every step.
  /// - Returns: The last point, and why the search ended there.
  package func minimize(
    from start: [Double], _ function: (_ point: [Double], _ gradient: inout [Double]) -> Double,
    report: (Iterate) throws -> Void
  ) rethrows -> (last: Iterate, ending: Ending) {
    var gradient = [Double](repeating: 0, count: start.count)
    let value = function(start, &gradient)
    var current = LinePoint(step: 0, point: start, value: value, gradient: gradient, slope: 0)
    var iterate = Iterate(
      point: start, value: value, largestGradient: largest(gradient), iteration: 0, evaluations: 1)
    guard current.isFinite else { return (iterate, .notFinite) }
    try report(iterate)
    var curvature = CurvatureMemory(capacity: memory)
    var (lowest, flattest, idleSteps) = (value, iterate.largestGradient, 0)
    while iterate.largestGradient > tolerance {
      guard iterate.iteration < iterations else { return (iterate, .iterationLimit) }
      guard idleSteps < LBFGS.patience else { return (iterate, .precisionLimit) }
      var direction = curvature.direction(against: current.gradient)
      if dot(direction, current.gradient) >= 0 {
        curvature.removeAll()
        direction = curvature.direction(against: current.gradient)
      }
      current.step = 0
      current.slope = dot(direction, current.gradient)
      // Without any memory the length of the gradient says nothing about the length of the step.
      let firstStep = curvature.isEmpty ? min(1, 1 / dot(current.gradient, current.gradient).squareRoot()) : 1
      let search = WolfeSearch(from: current, slack: noise * abs(current.value))
      let (found, evaluations) = search.run(from: firstStep) { [current] step in
        let point = zip(current.point, direction).map { $0 + step * $1 }
        var gradient = [Double](repeating: 0, count: point.count)
        let value = function(point, &gradient)
        return LinePoint(
          step: step, point: point, value: value, gradient: gradient, slope: dot(direction, gradient))
      }
      iterate.evaluations += evaluations
      guard let found else {
        // The remembered steps may be outdated; without them there is only the steepest descent.
        if curvature.isEmpty { return (iterate, .precisionLimit) }
        curvature.removeAll()
        continue
      }
      curvature.remember(from: current, to: found)
      current = found
      iterate.point = found.point
      iterate.value = found.value
      iterate.largestGradient = largest(found.gradient)
      iterate.iteration += 1
      let isBetter = found.value < lowest - noise * abs(lowest) || iterate.largestGradient < 0.99 * flattest
      idleSteps = isBetter ? 0 : idleSteps + 1
      lowest = min(lowest, found.value)
      flattest = min(flattest, iterate.largestGradient)
      try report(iterate)
    }
    return (iterate, .converged)
  }

  package func minimize(
    from start: [Double], _ function: (_ point: [Double], _ gradient: inout [Double]) -> Double
  ) -> (last: Iterate, ending: Ending) {
    minimize(from: start, function) { _ in }
  }
}

/// The last steps `s` and changes of the gradient `y`, which stand for the inverse of the Hessian.
private struct CurvatureMemory {
  let capacity: Int
  private var pairs: [(s: [Double], y: [Double], sy: Double)] = []

  init(capacity: Int) { self.capacity = capacity }

  var isEmpty: Bool { pairs.isEmpty }

  mutating func removeAll() { pairs.removeAll(keepingCapacity: true) }

  mutating func remember(from old: LinePoint, to new: LinePoint) {
    let s = zip(new.point, old.point).map { $0 - $1 }
    let y = zip(new.gradient, old.gradient).map { $0 - $1 }
    let sy = dot(s, y)
    // The matrix must stay positive definite; the Wolfe conditions ensure that except for rounding.
    guard sy > Double.ulpOfOne * dot(y, y), sy.isFinite else { return }
    if pairs.count == capacity { pairs.removeFirst() }
    pairs.append((s, y, sy))
  }

  /// The direction `-H · gradient`, by the two-loop recursion (Nocedal and Wright, algorithm 7.4), which begins with the multiple
  /// of the identity of their equation 7.20.
  func direction(against gradient: [Double]) -> [Double] {
    var q = gradient.map { -$0 }
    var alphas: [Double] = []
    for (s, y, sy) in pairs.reversed() {
      let alpha = dot(s, q) / sy
      add(-alpha, y, to: &q)
      alphas.append(alpha)
    }
    if let (_, y, sy) = pairs.last {
      let scale = sy / dot(y, y)
      for index in q.indices { q[index] *= scale }
    }
    for ((s, y, sy), alpha) in zip(pairs, alphas.reversed()) { add(alpha - dot(y, q) / sy, s, to: &q) }
    return q
  }
}

/// The dot product, with four partial sums, so that an addition need not wait for the one before it.
private func dot(_ a: [Double], _ b: [Double]) -> Double {
  precondition(a.count == b.count)
  var (first, second, third, fourth) = (0.0, 0.0, 0.0, 0.0)
  let whole = a.count & ~3
  for index in stride(from: 0, to: whole, by: 4) {
    first += a[index] * b[index]
    second += a[index + 1] * b[index + 1]
    third += a[index + 2] * b[index + 2]
    fourth += a[index + 3] * b[index + 3]
  }
  for index in whole..<a.count { first += a[index] * b[index] }
  return (first + second) + (third + fourth)
}

private func add(_ factor: Double, _ vector: [Double], to sum: inout [Double]) {
  precondition(vector.count == sum.count)
  for index in sum.indices { sum[index] += factor * vector[index] }
}

private func largest(_ vector: [Double]) -> Double { vector.reduce(0) { max($0, abs($1)) } }
