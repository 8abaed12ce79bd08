import GraftFiles
import GraftMatrices
import GraftNetworks

/// Trials of a plan: it is trained with every candidate on some images and measured on others.
package struct CandidateTrials {
  package let plan: TransferPlan
  package let candidates: [Candidate]
  package let train: Examples
  package let validation: Examples

  package init(plan: TransferPlan, candidates: [Candidate], train: Examples, validation: Examples) {
    (self.plan, self.candidates) = (plan, candidates)
    (self.train, self.validation) = (train, validation)
  }

  /// Runs the trials and returns their results, in the candidates' order. The chosen one has the most right answers, or among
  /// equals the smallest loss.
  package func run() throws -> [TriedSetting] {
    if plan.stages.isEmpty { return try solved() }
    // All candidates share the probe before the stages.
    let ready = try plan.solvingHead(on: train, strength: Candidate.probeStrength(images: train.count))
    return CandidateTrials.marked(
      try candidates.map { candidate in
        var own = ready
        own.settings = candidate.applied(to: ready.settings)
        do {
          var model = try own.run(on: train, strength: 0)
          model.unfreeze()
          var evaluator = Evaluator(validation, for: model)
          let evaluation = try evaluator.evaluate(model).checkingOutputs(.diverged)
          let temperature = Temperature.fitted(logits: evaluator.logits(of: model), labels: validation.labels)
          return choice(candidate, evaluation.correct, evaluation.loss, temperature)
        } catch let failure as any Failure where failure.kind == .diverged {
          return choice(candidate, 0, .greatestFiniteMagnitude, nil)
        }
      })
  }

  private func solved() throws -> [TriedSetting] {
    var solver = plan.headSolver(on: train)
    let strengths = candidates.map { $0.strength(images: train.count) }
    let tried = try solver.choose(among: strengths, validation: validation).candidates
    var held = plan.model
    held.freezeBody()
    var evaluator = Evaluator(validation, for: held)
    return CandidateTrials.marked(
      zip(candidates, strengths).compactMap { candidate, strength in
        guard let own = tried.first(where: { $0.strength == strength }) else { return nil }
        var model = own.solution.model
        model.freezeBody()
        let temperature = Temperature.fitted(logits: evaluator.logits(of: model), labels: validation.labels)
        return choice(candidate, own.correct, own.loss, temperature)
      })
  }

  private func choice(
    _ candidate: Candidate, _ correct: Int, _ loss: Double, _ temperature: Double?
  ) -> TriedSetting {
    TriedSetting(
      setting: candidate.description, correct: correct, images: validation.count, loss: loss, temperature: temperature,
      isChosen: false)
  }

  private static func marked(_ choices: [TriedSetting]) -> [TriedSetting] {
    let best = bestIndex(choices.map { (correct: $0.correct, loss: $0.loss) })
    return choices.enumerated().map { index, choice in
      TriedSetting(
        setting: choice.setting, correct: choice.correct, images: choice.images, loss: choice.loss,
        temperature: choice.temperature, isChosen: index == best)
    }
  }

  /// The index of the figures with the most right answers; among equals the smallest loss, then the first.
  package static func bestIndex(_ figures: [(correct: Int, loss: Double)]) -> Int? {
    figures.indices.min { one, other in
      (-figures[one].correct, figures[one].loss, one) < (-figures[other].correct, figures[other].loss, other)
    }
  }
}
