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
  /// turn is left out (Stone, "Cross-validatory choice and assessment of statistical predictions", 1974). The body's features are
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
    let features = Examples(inputs: .dense(matrix), labels: behind.labels)
    // The head alone: a copy of the whole model for every strength and fold would take longer than solving it.
    let head = Model(
      .softmax, inputShape: ImageShape(channels: matrix.columns, height: 1, width: 1), classCount: model.classCount,
      seed: 0)
    let strengths = [10, 3, 1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001].map {
      Candidate.rounded($0 / Double(max(labelled.count, 1)))
    }
    let folds = labelled.folds(TransferPlan.folds, seed: settings.seed)
    var losses = [Double](repeating: 0, count: strengths.count)
    for (number, fold) in folds.enumerated() {
      let rest = folds.enumerated().filter { $0.offset != number }.flatMap(\.element).sorted()
      var solver = HeadSolver(
        head, on: features.selecting(rest), smoothing: settings.loss.smoothing, classWeights: settings.classWeights,
        team: team)
      let tried = try solver.choose(among: strengths, validation: features.selecting(fold)).candidates
      for (index, strength) in strengths.enumerated() {
        losses[index] += tried.first { $0.strength == strength }.map { $0.loss * Double(fold.count) } ?? .infinity
      }
    }
    // Among equals the strongest penalty, which comes first.
    let best = losses.indices.min { (losses[$0], $0) < (losses[$1], $1) } ?? 0
    return strengths[best]
  }
}
