import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks

extension TransferPlan {
  /// The best of the candidates for this plan on a fifth of the labelled images, and every candidate's result there.
  ///
  /// - Throws: If a class has too few images to be split.
  package func choosing(
    among candidates: [Candidate], on labelled: Dataset, outputs: ClassOutputs, normalization: Normalization,
    seed: UInt64
  ) throws -> (candidate: Candidate, choices: [TriedSetting]) {
    let (rest, validation) = try labelled.splittingOff(validation: Candidate.validationShare, seed: seed)
    let choices = try CandidateTrials(
      plan: self, candidates: candidates,
      train: try Examples(rest, outputs: outputs, normalization: normalization),
      validation: try Examples(validation, outputs: outputs, normalization: normalization)
    ).run()
    return (candidates[choices.firstIndex(where: \.isChosen) ?? 0], choices)
  }

  /// The plan with its head solved, if it solves one. A head without stages gets the strength that is best on a fifth of the
  /// images, or behind a published body by cross-validation, if there are enough of them; a probe before fine-tuning gets the usual one.
  ///
  /// - Returns: The plan, and the choice in words; nil if no head is solved.
  package func solvingHead(
    on labelled: Dataset, outputs: ClassOutputs, normalization: Normalization, team: Team
  ) throws -> (plan: TransferPlan, words: String?) {
    guard solvesHead else { return (self, nil) }
    let examples = try Examples(labelled, outputs: outputs, normalization: normalization)
    let fewest = outputs.trained.map { labelled.countsPerClass[$0] }.min() ?? 0
    guard stages.isEmpty, fewest >= Candidate.leastForValidation else {
      let strength = Candidate.probeStrength(images: labelled.count)
      let solved = try solvingHead(on: examples, strength: strength, team: team)
      return (solved, "the head is solved with strength \(strength)")
    }
    if model.runsAsProgram,
      let strength = try crossValidatedStrength(
        on: labelled, outputs: outputs, normalization: normalization, team: team)
    {
      let solved = try solvingHead(on: examples, strength: strength, team: team)
      return (
        solved, "the head is solved with strength \(strength), chosen by \(TransferPlan.folds)-fold cross-validation"
      )
    }
    let (candidate, _) = try choosing(
      among: Candidate.all(for: self, images: labelled.count), on: labelled, outputs: outputs,
      normalization: normalization, seed: settings.seed
    )
    let solved = try solvingHead(on: examples, strength: candidate.strength(images: labelled.count), team: team)
    return (solved, "the head is solved with \(candidate), the best on a fifth of the images")
  }

  private static let folds = 5

  /// The strength of a solved head's penalty with the smallest mean loss on labelled images that the head has not seen: each fifth in
  /// turn is left out (`HeadCrossValidation`). The body's features are
  /// computed once. Nil if they do not fit in memory.
  private func crossValidatedStrength(
    on labelled: Dataset, outputs: ClassOutputs, normalization: Normalization, team: Team
  ) throws -> Double? {
    var held = model
    held.freezeBody()
    let behind = try Examples(labelled, outputs: outputs, normalization: normalization)
      .behindFrozenPrefix(of: held, team: team)
    guard behind.firstLayer > 0 else { return nil }
    let matrix = model.ordered(behind.inputs.matrix, ofLayer: model.layers.count - 1)
    let strengths = [10, 3, 1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001].map {
      Candidate.rounded($0 / Double(max(labelled.count, 1)))
    }
    let outcomes = try HeadCrossValidation(
      Examples(inputs: .dense(matrix), labels: behind.labels), classCount: model.classCount,
      folds: labelled.folds(TransferPlan.folds, seed: settings.seed), settings, team: team
    ).outcomes(of: strengths)
    // Among equals the strongest penalty, which comes first.
    return outcomes[HeadCrossValidation.best(of: outcomes)].strength
  }

  /// The best of the candidates by cross-validation, for labels that are too few to hold some out, and every candidate's result: each image
  /// is answered once by a model that was trained without it.
  ///
  /// - Returns: The candidate with the smallest loss; nil if a class has a single image.
  package func crossValidating(
    among candidates: [Candidate], on labelled: Dataset, outputs: ClassOutputs, normalization: Normalization,
    seed: UInt64
  ) throws -> (candidate: Candidate, choices: [TriedSetting])? {
    var choices: [TriedSetting] = []
    for candidate in candidates {
      var plan = self
      plan.settings = candidate.applied(to: settings)
      let fitting = CrossFitting(
        plan: plan, candidate: candidate, outputs: outputs, normalization: normalization, seed: seed)
      guard let answers = try fitting.answers(on: labelled) else { return nil }
      let evaluation = answers.isWhole ? Evaluation(logits: answers.logits, labels: answers.labels) : nil
      choices.append(
        TriedSetting(
          setting: candidate.description, correct: evaluation?.correct ?? 0, images: labelled.count,
          loss: evaluation?.loss ?? .greatestFiniteMagnitude,
          temperature: answers.isWhole
            ? Temperature.fitted(logits: answers.logits, labels: answers.labels) : nil, isChosen: false))
    }
    let best = choices.indices.min { (choices[$0].loss, $0) < (choices[$1].loss, $1) } ?? 0
    return (candidates[best], choices.enumerated().map { $1.marked(isChosen: $0 == best) })
  }
}
