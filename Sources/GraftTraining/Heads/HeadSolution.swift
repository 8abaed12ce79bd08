import GraftFiles
import GraftNetworks

/// A head at the minimum of its objective, and how it was found.
package struct HeadSolution: Sendable {
  package let model: Model
  /// Strength of the penalty: λ as a share of the features' mean squared length.
  package let strength: Double
  /// Sum of mean cross-entropy and penalty.
  package let objective: Double
  /// The largest component of the gradient, in the variables of `HeadVariables`.
  package let largestGradient: Double
  package let iterations: Int
  package let evaluations: Int
  package let ending: LBFGS.Ending
}

/// A failure: no head can be solved from these features or this start, because they are not finite numbers.
package struct HeadDivergence: Failure, Hashable {
  package let strength: Double
  package let objective: Double

  package var kind: FailureKind { .diverged }

  package var description: String {
    "no head can be solved with a penalty of strength \(strength): the objective is \(objective) at the start"
  }
}
