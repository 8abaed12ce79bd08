/// Student's t distribution ("Student", "The probable error of a mean", Biometrika 6, 1908).
package struct StudentT: Sendable, Hashable {
  /// The degrees of freedom, greater than 0.
  package let degreesOfFreedom: Double

  /// Creates the distribution.
  package init(degreesOfFreedom: Double) {
    precondition(degreesOfFreedom > 0)
    self.degreesOfFreedom = degreesOfFreedom
  }

  /// The probability P(T ≤ t).
  package func cumulative(_ t: Double) -> Double {
    let tail = 0.5 * twoSided(t)
    return t > 0 ? 1 - tail : tail
  }

  /// The probability P(|T| ≥ |t|), with its full relative precision however small it is.
  package func twoSided(_ t: Double) -> Double {
    let nu = degreesOfFreedom
    return regularizedIncompleteBeta(nu / (nu + t * t), nu / 2, 0.5)
  }

  /// The t that a value stays below with probability `p`, by bisection to the last bit.
  ///
  /// - Parameter p: Greater than 0 and less than 1.
  package func quantile(_ p: Double) -> Double {
    precondition(p > 0 && p < 1)
    if p < 0.5 { return -quantile(1 - p) }
    var low = 0.0
    var high = 1.0
    while cumulative(high) < p && high < 1e12 { high *= 2 }
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if middle == low || middle == high { break }
      if cumulative(middle) < p { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
