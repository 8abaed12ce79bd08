import GraftData
import GraftFiles
import GraftNetworks
import GraftStatistics
import GraftTraining

/// The result of a finished study: its rows, and what follows from them.
public struct StudyResult: Sendable {
  /// The result of one pair of source and target.
  public struct Pair: Sendable {
    /// The source's name.
    public let source: String
    /// The target's name.
    public let target: String
    /// Whether all seeds share one source, whose chance is then in no interval.
    package let hasFixedSource: Bool
    /// The small network that is trained from scratch beside a published body; nil if it is the source's own network.
    package let control: StudyControl?
    /// Classes of the target that the source has learnt before, as far as is known: its knowledge of them is no
    /// transfer.
    package let learntClasses: [Int]
    /// The number of classes that the source knows.
    package let sourceClasses: Int
    /// The true class of each test image.
    package let labels: [Int]
    /// The rows by number of labels, then by method, the control first.
    public let rows: [StudyRow]
    /// The comparisons of methods with each other, by number of labels.
    public let contrasts: [MethodContrast]
    /// The ways in which the settings of each row were chosen.
    package let tunings: [Tuning]
    /// The scores of the source by number of labels; empty if no method uses the source.
    package let scores: [SettingScores]
    /// The similarities of models by number of labels; empty if layers were not compared.
    package let similarities: [ModelSimilarity]

    /// The methods in the order of the rows, each once.
    package var methods: [TransferMethod] { rows.map(\.method).firstOccurrences }

    /// The shares of the target's training data in the order of the rows, each once.
    package var shares: [Share] { rows.map(\.share).firstOccurrences }

    /// The row of a method at one share; nil if there is none.
    package func row(_ method: TransferMethod, _ share: Share) -> StudyRow? {
      rows.first { $0.method == method && $0.share == share }
    }
  }

  /// The results of the pairs.
  public let pairs: [Pair]
  /// The number of comparisons that Holm's correction counts.
  public let comparisons: Int
  /// Gains smaller than this count as equal, in points.
  package let margin: Double
  /// The seeds of the trainings.
  package let seeds: [UInt64]
  /// The architecture of all models.
  package let architecture: Architecture
  /// The recipe of the trainings.
  package let recipe: Recipe
  /// Seconds spent on all trainings of the study whenever they ran, sources, rehearsals and choices included, as if on
  /// one core.
  package let trainingSeconds: Double
  /// Wall-clock seconds of this call.
  package var seconds = 0.0
  /// The command that made it, as words of a command line; empty if nobody says.
  package var arguments: [String] = []
  /// The plan that it came from; nil of a study that was put together in code.
  package var plan: StudyPlan?
  /// The path of the store of its trials, from the root; nil if nobody says.
  package var store: String?
  /// The smaller numbers of seeds with which this study was looked at before, rising.
  public var earlierLooks: [Int] = []
  /// Whether sources were candidates to choose among, so that their ranking is what the study is about.
  package var ranksSources = false

  /// The rows of all pairs.
  public var rows: [StudyRow] { pairs.flatMap(\.rows) }

  /// Derives the result from the trials' records.
  ///
  /// - Parameters:
  ///   - records: The records of measurements, scores and similarities.
  ///   - sources: The records of the trials that made the sources.
  ///   - others: The records of the other trials that they rest on.
  init(
    _ study: TransferStudy, _ choices: RehearsalChoices, _ records: [String: TrialRecord],
    sources: [String: TrialRecord], behind others: [TrialRecord]
  ) {
    // By id: sums of another order have other bits, and a control that several pairs share was trained once.
    let all = (others + sources.values + records.values).sorted { $0.id < $1.id }
    trainingSeconds = all.reduce(0) { $0 + $1.outcome.seconds + $1.outcome.choosingSeconds }
    seeds = study.options.seeds
    architecture = study.options.architecture
    recipe = study.options.recipe
    margin = study.options.margin
    let drafts = study.pairs.map { pair in
      study.options.shares.flatMap { share in
        study.methods(for: pair).map { method in
          RowDraft(
            pair: pair, method: method, share: share,
            records: study.measurements(of: method, share, pair, choices).compactMap { records[$0.trial.id] },
            sources: study.options.seeds.map { sources[study.reference(pair.source, seed: $0).identity] })
        }
      }
    }
    // One family: a table with many rows finds something by chance.
    let family = ComparisonFamily(
      zip(study.pairs, drafts).flatMap { pair, drafts in
        drafts.compactMap { $0.againstControl(in: drafts) }
          + study.contrasts(in: pair).compactMap { $0.draft(in: drafts) }
      }, margin: margin)
    comparisons = family.count
    var pairs: [Pair] = []
    for (pair, drafts) in zip(study.pairs, drafts) {
      let rows = drafts.map { draft in
        draft.row(draft.againstControl(in: drafts).flatMap { family[$0] }, among: drafts)
      }
      let contrasts = study.contrasts(in: pair).compactMap { contrast in
        contrast.draft(in: drafts).flatMap { family[$0] }.map {
          MethodContrast(
            first: contrast.first, second: contrast.second, share: contrast.share,
            labelsPerClass: pair.target.labelsPerClass(contrast.share), judged: $0)
        }
      }
      let tunings = drafts.map {
        Tuning(
          $0.method, $0.share, $0.records, choices.figures($0.method, $0.share, pair, study),
          origin: pair.control == nil ? nil : study.choice(of: $0.method, $0.share, pair, rehearsed: nil).origin)
      }
      pairs.append(
        Pair(
          source: pair.source.name, target: pair.target.name, hasFixedSource: pair.source.isFixed,
          control: pair.control,
          learntClasses: pair.source.learntClasses(of: pair.target), sourceClasses: pair.source.classCount,
          labels: pair.target.testSet.labels, rows: rows, contrasts: contrasts, tunings: tunings,
          scores: study.options.shares.compactMap { share in
            let own = study.scores(share, pair).compactMap { records[$0.trial.id] }
            if own.isEmpty { return nil }
            return SettingScores(share: share, labelsPerClass: pair.target.labelsPerClass(share), records: own)
          },
          similarities: study.options.shares.compactMap { share in
            let own = study.similarities(share, pair, choices).compactMap { records[$0.trial.id] }
            return own.isEmpty ? nil : ModelSimilarity(share: share, records: own)
          }))
    }
    self.pairs = pairs
  }
}

// MARK: - Derived from the rows

extension StudyResult.Pair {
  /// The method's accuracy over labels; amounts that are equal count once.
  package func efficiency(of method: TransferMethod) -> SampleEfficiency? {
    let points = curve(method).map {
      SampleEfficiency.Point(labelsPerClass: $0.labelsPerClass, values: $0.accuracy.values)
    }
    return points.isEmpty ? nil : SampleEfficiency(points: points)
  }

  /// The rows by rising number of labels, then in the order of the methods: shares and counts may have been asked for
  /// in any order.
  package var risingRows: [StudyRow] {
    rows.enumerated().sorted { ($0.element.labelsPerClass, $0.offset) < ($1.element.labelsPerClass, $1.offset) }
      .map(\.element)
  }

  package func rising(_ method: TransferMethod) -> [StudyRow] { risingRows.filter { $0.method == method } }

  /// The rows of a method as a curve: amounts that are equal count once, since a curve has one height at each. A row of which a training
  /// diverged has none.
  private func curve(_ method: TransferMethod) -> [StudyRow] {
    rising(method).filter(\.isWhole).reduce(into: []) { curve, row in
      if row.labelsPerClass != curve.last?.labelsPerClass { curve.append(row) }
    }
  }

  /// The number of labels at which the sign of a method's gain turns; nil for the control.
  package func signTurn(of method: TransferMethod) -> SignTurn? {
    let points = curve(method).compactMap { row -> SignTurn.Point? in
      guard let judged = row.judged else { return nil }
      return SignTurn.Point(
        labelsPerClass: row.labelsPerClass, gain: judged.comparison.gain.mean, outcome: judged.verdict)
    }
    return points.isEmpty ? nil : SignTurn(points)
  }

  /// The labels that scratch needs to be as accurate as the row's method; nil for the control, and at scratch's largest
  /// amount, where its curve ends.
  package func labelWorth(of row: StudyRow) -> LabelWorth? {
    guard !row.isControl, let control = efficiency(of: .scratch), let method = efficiency(of: row.method) else {
      return nil
    }
    return LabelWorth(of: method, at: row.labelsPerClass, control: control)
  }
}

/// The way in which the setting of one row was chosen.
package struct Tuning: Sendable, Hashable {
  /// The place where a setting was chosen.
  package enum Origin: String, Sendable {
    /// Fixed before the study on digits that were never written.
    case rehearsal
    /// Each trial chose on a part of its own labelled images.
    case validation
    /// Each trial chose by cross-validation on its own labelled images.
    case crossValidation = "cross-validation"
    /// Nothing was chosen: the recipe says it.
    case recipe
  }

  /// The row's method.
  package let method: TransferMethod
  /// The row's share of the target's training data.
  package let share: Share
  /// The place where the setting was chosen.
  package let origin: Origin
  /// The results of the candidates, summed over the trials that tried them.
  package let figures: [RehearsalChoices.Figure]
  /// The number of trials that chose each, in the order of the figures; for a rehearsal all of them chose one.
  package let timesChosen: [Int]

  /// Whether the candidates are penalties of a head that is solved.
  package var isSolved: Bool { method.rule == .frozen || method.rule == .randomFrozen }

  /// - Parameter origin: The place where the settings were chosen; nil takes it from the records.
  init(
    _ method: TransferMethod, _ share: Share, _ records: [TrialRecord], _ rehearsed: [RehearsalChoices.Figure],
    origin: Origin? = nil
  ) {
    self.method = method
    self.share = share
    let choices = records.map(\.outcome.choices).filter { !$0.isEmpty }
    self.origin = origin ?? (choices.isEmpty ? .rehearsal : .validation)
    if choices.isEmpty {
      figures = rehearsed
      timesChosen = rehearsed.map { $0.isChosen ? records.count : 0 }
    } else {
      figures = RehearsalChoices.summed(choices)
      timesChosen = figures.indices.map { index in choices.count { $0.indices.contains(index) && $0[index].isChosen } }
    }
  }
}
