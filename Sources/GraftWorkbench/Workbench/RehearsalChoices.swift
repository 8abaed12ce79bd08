import GraftData
import GraftStatistics
import GraftTraining

/// The settings that the rehearsals of a study recommend.
package struct RehearsalChoices: Sendable {
  private let records: [String: TrialRecord]

  init(_ records: [String: TrialRecord]) { self.records = records }

  /// The result of one candidate over all seeds of a rehearsal.
  package struct Figure: Sendable, Hashable {
    /// The candidate's setting in words.
    package let setting: String
    /// Right answers over all seeds.
    package let correct: Int
    /// Validation images over all seeds.
    package let images: Int
    /// The mean loss over the seeds.
    package let loss: Double
    /// The geometric mean of the temperatures over the seeds; nil if one of them has none.
    package let temperature: Double?
    /// Whether this is the best candidate.
    package let isChosen: Bool

    /// Right answers among all.
    package var accuracy: Tally { Tally(correct: correct, images: images) }
  }

  /// The figures of every candidate, the chosen one marked; empty if a rehearsal is missing.
  func figures(_ method: TransferMethod, _ share: Share, _ pair: StudyPair, _ study: TransferStudy) -> [Figure] {
    let jobs = study.rehearsals(of: method, share, pair)
    let outcomes = jobs.compactMap { records[$0.trial.id]?.outcome.choices }
    return outcomes.count == jobs.count ? RehearsalChoices.summed(outcomes) : []
  }

  /// The best candidate, in numbers for the images of the study's own trial: a rehearsal may have fewer classes.
  func setting(_ method: TransferMethod, _ share: Share, _ pair: StudyPair, _ study: TransferStudy) -> RehearsedSetting?
  {
    let figures = figures(method, share, pair, study)
    guard let best = figures.firstIndex(where: \.isChosen) else { return nil }
    let candidates = Candidate.all(
      solvingHead: method.trainsHeadAlone(in: study.options.architecture),
      rate: study.options.recipe.transferSettings(seed: 0).learningRate, images: pair.target.images(share))
    guard candidates.indices.contains(best) else { return nil }
    // Rounded, because it becomes a part of a trial's identity: exp and log differ in the last bit from processor to processor.
    return RehearsedSetting(
      candidate: candidates[best], temperature: Candidate.rounded(figures[best].temperature ?? 1))
  }

  /// Sums the same candidates over several trials.
  static func summed(_ outcomes: [[TrialOutcome.Choice]]) -> [Figure] {
    guard let first = outcomes.first, outcomes.allSatisfy({ $0.map(\.setting) == first.map(\.setting) }) else {
      return []
    }
    let sums = first.indices.map { index in
      let own = outcomes.map { $0[index] }
      return (
        setting: first[index].setting, correct: own.reduce(0) { $0 + $1.correct },
        images: own.reduce(0) { $0 + $1.images }, loss: own.reduce(0) { $0 + $1.loss / Double(own.count) },
        temperature: Temperature.mean(own.map(\.temperature))
      )
    }
    let best = CandidateTrials.bestIndex(sums.map { (correct: $0.correct, loss: $0.loss) })
    return sums.enumerated().map { index, sum in
      Figure(
        setting: sum.setting, correct: sum.correct, images: sum.images, loss: sum.loss, temperature: sum.temperature,
        isChosen: index == best)
    }
  }
}

/// The setting that a rehearsal fixes for the trials of a study that have too few labels to choose by.
struct RehearsedSetting: Sendable {
  let candidate: Candidate
  let temperature: Double
}
