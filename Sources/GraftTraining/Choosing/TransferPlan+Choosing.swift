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
  /// images, if there are enough of them; a probe before fine-tuning gets the usual one.
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
    let (candidate, _) = try choosing(
      among: Candidate.all(for: self, images: labelled.count), on: labelled, outputs: outputs,
      normalization: normalization, seed: settings.seed
    )
    let solved = try solvingHead(on: examples, strength: candidate.strength(images: labelled.count), team: team)
    return (solved, "the head is solved with \(candidate), the best on a fifth of the images")
  }
}
