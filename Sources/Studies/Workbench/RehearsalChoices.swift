import Datasets
import Training

/// What the rehearsals of a study recommend.
public struct RehearsalChoices: Sendable {
  private let records: [String: TrialRecord]

  init(_ records: [String: TrialRecord]) { self.records = records }

  /// A candidate over all seeds of a rehearsal.
  public struct Figure: Sendable, Hashable {
    public let setting: String
    public let correct: Int
    public let images: Int
    /// Mean over the seeds.
    public let loss: Double
    public let isChosen: Bool

    /// In percent.
    public var accuracy: Double { 100 * Double(correct) / Double(max(images, 1)) }
  }

  /// The figures of every candidate, the chosen one marked; empty where a rehearsal is missing.
  func figures(_ method: TransferMethod, _ share: Share, _ pair: StudyPair, _ study: TransferStudy) -> [Figure] {
    let jobs = study.rehearsals(of: method, share, pair)
    let outcomes = jobs.compactMap { records[$0.trial.id]?.outcome.choices }
    return outcomes.count == jobs.count ? RehearsalChoices.summed(outcomes) : []
  }

  /// The best candidate, in numbers for the images of the study's own trial: a rehearsal may have fewer classes.
  func candidate(_ method: TransferMethod, _ share: Share, _ pair: StudyPair, _ study: TransferStudy) -> Candidate? {
    let figures = figures(method, share, pair, study)
    guard let best = figures.firstIndex(where: \.isChosen) else { return nil }
    let candidates = Candidate.all(
      solvingHead: method.trainsHeadAlone(in: study.options.architecture),
      rate: study.options.recipe.transferSettings(seed: 0).learningRate, images: pair.target.images(share))
    return candidates.indices.contains(best) ? candidates[best] : nil
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
        images: own.reduce(0) { $0 + $1.images }, loss: own.reduce(0) { $0 + $1.loss / Double(own.count) }
      )
    }
    let best = CandidateTrials.bestIndex(sums.map { (correct: $0.correct, loss: $0.loss) })
    return sums.enumerated().map { index, sum in
      Figure(setting: sum.setting, correct: sum.correct, images: sum.images, loss: sum.loss, isChosen: index == best)
    }
  }
}
