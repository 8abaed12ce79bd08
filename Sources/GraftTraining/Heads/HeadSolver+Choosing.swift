import GraftNetworks

extension HeadSolver {
  /// The best heads for several strengths, measured on held-out examples. The one with the most right answers there is chosen,
  /// among equals the one with the smallest loss.
  ///
  /// Solved from the strongest to the weakest, each from the solution before, which is near: a path of a few short searches
  /// instead of a long one for each. The result does not depend on the order in which the strengths are given.
  ///
  /// - Parameters:
  ///   - strengths: At least one.
  ///   - validation: Pixels or features, like the solver's own examples, none of which the solver has seen.
  package mutating func choose(
    among strengths: [Double], validation: Examples, by method: LBFGS = HeadSolver.method
  ) throws(HeadDivergence) -> HeadChoice {
    precondition(!strengths.isEmpty && validation.count > 0)
    var held = model
    held.freezeBody()
    var evaluator = Evaluator(validation, for: held, team: team)
    var candidates: [HeadChoice.Candidate] = []
    for strength in strengths.sorted(by: >) {
      let solution = try solve(strength: strength, from: candidates.last?.solution.model.parameters, by: method)
      held.parameters = solution.model.parameters
      let evaluation = evaluator.evaluate(held)
      candidates.append(
        HeadChoice.Candidate(
          solution: solution, correct: evaluation.correct, count: evaluation.count, loss: evaluation.loss))
    }
    return HeadChoice(candidates: candidates)
  }
}
