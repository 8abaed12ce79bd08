import Datasets
import Files
import Networks
import Training

/// A finished study: its rows, and what follows from them.
public struct StudyResult: Sendable {
  /// One pair of source and target.
  public struct Pair: Sendable {
    public let source: String
    public let target: String
    /// Whether all seeds share one source, whose chance is then in no interval.
    public let hasFixedSource: Bool
    /// Classes of the target that the source has learnt before, as far as is known: what it knows of them is not transferred.
    public let learntClasses: [Int]
    /// Classes that the source knows.
    public let sourceClasses: Int
    /// True class of each test image.
    public let labels: [UInt8]
    /// By number of labels, then by method, the control first.
    public let rows: [StudyRow]
    /// How the settings of each row were chosen.
    public let tunings: [Tuning]
    /// By number of labels; empty where no method uses the source.
    public let scores: [SettingScores]
    /// By number of labels; empty where layers were not compared.
    public let similarities: [ModelSimilarity]

    public var methods: [TransferMethod] { rows.map(\.method).firstOccurrences }

    public var shares: [Share] { rows.map(\.share).firstOccurrences }

    public func row(_ method: TransferMethod, _ share: Share) -> StudyRow? {
      rows.first { $0.method == method && $0.share == share }
    }
  }

  public let pairs: [Pair]
  /// That Holm's correction counts.
  public let comparisons: Int
  public let seeds: [UInt64]
  public let architecture: Architecture
  public let recipe: Recipe
  /// Spent on all trainings of the study whenever they ran, sources, rehearsals and choices included, as if on one core.
  public let trainingSeconds: Double
  /// Of this call.
  public var seconds = 0.0
  /// What made it, as words of a command line; empty where nobody says.
  public var arguments: [String] = []
  /// Where its trials are kept, from the root; nil where nobody says.
  public var store: String?
  /// Where it was asked for: paths in ``arguments`` are from there.
  public var folder: String?
  /// Whether sources were candidates to choose among, so that their ranking is what the study is about.
  public var ranksSources = false

  public var rows: [StudyRow] { pairs.flatMap(\.rows) }

  /// - Parameters:
  ///   - records: Of measurements, scores and similarities.
  ///   - sources: Of the trials that made the sources.
  ///   - others: Of the other trials that they rest on.
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
    let drafts = study.pairs.map { pair in
      study.options.shares.flatMap { share in
        study.options.methods.map { method in
          RowDraft(
            pair: pair, method: method, share: share,
            records: study.measurements(of: method, share, pair, choices).compactMap { records[$0.trial.id] },
            sources: study.options.seeds.map { sources[study.reference(pair.source, seed: $0).identity] })
        }
      }
    }
    // One family: a table with many rows finds something by chance.
    let comparisons = drafts.map { rows in rows.map { $0.comparison(in: rows) } }
    let family = ComparisonFamily(
      zip(drafts, comparisons).flatMap { rows, comparisons in
        zip(rows, comparisons).compactMap { row, comparison in comparison.map { (row.trials, $0.pValue) } }
      })
    self.comparisons = family.count
    var pairs: [Pair] = []
    for (pair, (drafts, comparisons)) in zip(study.pairs, zip(drafts, comparisons)) {
      var rows: [StudyRow] = []
      for (draft, comparison) in zip(drafts, comparisons) {
        rows.append(
          draft.row(comparison, adjustedP: comparison.flatMap { _ in family.adjustedP(draft.trials) }, among: drafts))
      }
      let tunings = drafts.map {
        Tuning($0.method, $0.share, $0.records, choices.figures($0.method, $0.share, pair, study))
      }
      pairs.append(
        Pair(
          source: pair.source.name, target: pair.target.name, hasFixedSource: pair.source.isFixed,
          learntClasses: pair.source.learntClasses(of: pair.target), sourceClasses: pair.source.classCount,
          labels: pair.target.testSet.labels, rows: rows, tunings: tunings,
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

/// The comparisons of a study that Holm's correction counts: each once, however many rows show it. A method that uses no source
/// has a row for every source, with the same trials in all of them.
private struct ComparisonFamily {
  private let adjusted: [[String]: Double]

  /// - Parameter comparisons: The ids of the trials that were compared, and the p-value.
  init(_ comparisons: [(trials: [String], p: Double)]) {
    var single: [(trials: [String], p: Double)] = []
    var known: Set<[String]> = []
    for comparison in comparisons where known.insert(comparison.trials).inserted { single.append(comparison) }
    adjusted = Dictionary(
      uniqueKeysWithValues: zip(single.map(\.trials), Holm.adjusted(single.map(\.p))).map { ($0, $1) })
  }

  var count: Int { adjusted.count }

  func adjustedP(_ trials: [String]) -> Double? { adjusted[trials] }
}

/// A row before it is compared with the others.
private struct RowDraft {
  let pair: StudyPair
  let method: TransferMethod
  let share: Share
  let records: [TrialRecord]
  /// One per seed; nil for a source from a file.
  let sources: [TrialRecord?]

  /// Of one target and one number of labels there is one control, so these say what is compared.
  var trials: [String] { records.map(\.id) }

  private func control(among drafts: [RowDraft]) -> RowDraft? {
    drafts.first { $0.method == .scratch && $0.share == share }
  }

  func comparison(in drafts: [RowDraft]) -> MethodComparison? {
    guard method != .scratch, let control = control(among: drafts) else { return nil }
    return MethodComparison(
      answers: records.map(\.outcome.answers), control: control.records.map(\.outcome.answers),
      labels: pair.target.testSet.labels)
  }

  private var accuracyOverImages: Interval {
    let labels = pair.target.testSet.labels
    var right = [Int](repeating: 0, count: labels.count)
    for record in records {
      for image in labels.indices where record.outcome.answers[image] == labels[image] { right[image] += 1 }
    }
    return PairedBootstrap(differences: right.map { 100 * Double($0) / Double(max(records.count, 1)) }).interval()
  }

  private var retention: Retention? {
    guard method.usesSource else { return nil }
    return Retention(
      before: sources.map { source in
        source.map { Tally(correct: $0.outcome.correct, images: $0.outcome.images) }
      }, after: records.map(\.outcome.diagnosis.sourceTask))
  }

  private func forwardTransfer(_ control: [TrialRecord]) -> Sample? {
    guard method != .scratch else { return nil }
    let values = zip(records, control).compactMap { ForwardTransfer($0.outcome, control: $1.outcome)?.value }
    return values.isEmpty || values.count < records.count ? nil : Sample(values)
  }

  func row(_ comparison: MethodComparison?, adjustedP: Double?, among drafts: [RowDraft]) -> StudyRow {
    let control = control(among: drafts)?.records ?? []
    return StudyRow(
      source: pair.source.name, target: pair.target.name, method: method, share: share,
      labelsPerClass: pair.target.labelsPerClass(share), records: records, accuracyOverImages: accuracyOverImages,
      comparison: comparison, adjustedP: adjustedP,
      timeWorth: TimeWorth(records, control: control), retention: retention,
      forwardTransfer: forwardTransfer(control))
  }
}

// MARK: - What follows from the rows

extension StudyResult.Pair {
  /// The method's accuracy over labels; amounts that are equal count once.
  public func efficiency(of method: TransferMethod) -> SampleEfficiency? {
    let points = curve(method).map {
      SampleEfficiency.Point(labelsPerClass: $0.labelsPerClass, values: $0.accuracy.values)
    }
    return points.isEmpty ? nil : SampleEfficiency(points: points)
  }

  /// By rising number of labels, then in the order of the methods: shares and counts may have been asked for in any order.
  package var risingRows: [StudyRow] {
    rows.enumerated().sorted { ($0.element.labelsPerClass, $0.offset) < ($1.element.labelsPerClass, $1.offset) }
      .map(\.element)
  }

  package func rising(_ method: TransferMethod) -> [StudyRow] { risingRows.filter { $0.method == method } }

  /// Amounts that are equal count once: a curve has one height at each.
  private func curve(_ method: TransferMethod) -> [StudyRow] {
    rising(method).reduce(into: []) { curve, row in
      if row.labelsPerClass != curve.last?.labelsPerClass { curve.append(row) }
    }
  }

  /// At how many labels the sign of a method's gain turns; nil for the control.
  public func signTurn(of method: TransferMethod) -> SignTurn? {
    let points = curve(method).compactMap { row -> SignTurn.Point? in
      guard let comparison = row.comparison, let verdict = row.verdict else { return nil }
      return SignTurn.Point(labelsPerClass: row.labelsPerClass, gain: comparison.gain.mean, outcome: verdict)
    }
    return points.isEmpty ? nil : SignTurn(points)
  }

  /// How many labels scratch needs to be as accurate as the row's method; nil for the control, and at scratch's largest
  /// amount, where its curve ends.
  public func labelWorth(of row: StudyRow) -> LabelWorth? {
    guard !row.isControl, let control = efficiency(of: .scratch), let method = efficiency(of: row.method) else {
      return nil
    }
    return LabelWorth(of: method, at: row.labelsPerClass, control: control)
  }
}

/// How the setting of one row came about.
public struct Tuning: Sendable, Hashable {
  public enum Origin: String, Sendable {
    /// Fixed before the study on digits that were never written.
    case rehearsal
    /// Each trial chose on a part of its own labelled images.
    case validation
  }

  public let method: TransferMethod
  public let share: Share
  public let origin: Origin
  /// Summed over the trials that tried them.
  public let figures: [RehearsalChoices.Figure]
  /// How many trials chose each, in the order of the figures; for a rehearsal all of them chose one.
  public let timesChosen: [Int]

  init(_ method: TransferMethod, _ share: Share, _ records: [TrialRecord], _ rehearsed: [RehearsalChoices.Figure]) {
    self.method = method
    self.share = share
    let choices = records.map(\.outcome.choices).filter { !$0.isEmpty }
    origin = choices.isEmpty ? .rehearsal : .validation
    if choices.isEmpty {
      figures = rehearsed
      timesChosen = rehearsed.map { $0.isChosen ? records.count : 0 }
    } else {
      figures = RehearsalChoices.summed(choices)
      timesChosen = figures.indices.map { index in choices.count { $0.indices.contains(index) && $0[index].isChosen } }
    }
  }
}
