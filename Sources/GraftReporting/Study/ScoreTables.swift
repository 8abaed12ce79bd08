import GraftData
import GraftDocuments
import GraftFiles
import GraftStatistics
import GraftTraining
import GraftWorkbench

/// Tables of the scores before training, beside the gains after it.
struct ScoreTables {
  let result: StudyResult
  private let settings: [ScoredSetting]
  private let groups: [SourceGroup]

  init(_ result: StudyResult) {
    self.result = result
    settings = result.scoredSettings
    groups = SourceGroup.all(in: settings)
  }

  /// The blocks on scores; empty if the study has no scores.
  var blocks: [TextDocument.Block] {
    if settings.isEmpty { return [] }
    var blocks: [TextDocument.Block] = [.heading("Would it have been known before? Scores against gains")]
    blocks.append(.paragraph(ScoreTables.introduction))
    if !result.ranksSources { blocks.append(.table(values)) }
    blocks.append(.table(agreement))
    blocks.append(.paragraph(legend))
    let findings = ScoreFindings(result).sentences
    if !findings.isEmpty { blocks.append(.list(findings)) }
    return blocks
  }

  private static let introduction =
    "Computed from the source model and the target's labelled images alone, before any training on them; means over seeds. "
    + "gain: of the best method, in points."

  private var legend: String {
    let findings = ScoreFindings(over: settings)
    let text =
      "tau: Kendall's rank correlation (tau-b) of score and gain over the settings, 1 for the same order, 0 for none. settings: "
      + "those with more than one label per class, with which a score can see the labels. same labels: over pairs of settings with "
      + "the same target and number of labels, which differ in the source alone. 95 %: of this tau alone, by drawing whole "
      + "sources within each target, because a source that is ahead with few labels is ahead with many."
    if findings.judged < 2 { return text }
    return text
      + " The sentences judge \(findings.judged) taus at once, each by an interval at \(decimals(100 * findings.confidence, 2)) %."
  }

  /// A table of the scores of every setting, with the gain that followed.
  private var values: TextTable {
    let rows = result.pairs.flatMap { pair in
      pair.scores.sorted { $0.labelsPerClass < $1.labelsPerClass }.map { own in
        let setting = settings.first {
          $0.source == pair.source && $0.target == pair.target && $0.share == own.share
        }
        return [StudyWords.title(pair), StudyWords.labels(own.share)]
          + TransferScore.allCases.map { score in own[score].map { ScoreTables.text($0.mean, score) } ?? "-" }
          + [percent(own.nearestMeanAccuracy.mean), setting.map { signed($0.gain) } ?? "-"]
      }
    }
    return TextTable(
      [.init("source -> target", .leading), .init("labels")] + TransferScore.allCases.map { .init($0.name) }
        + [.init("its test accuracy"), .init("gain")],
      rows: rows)
  }

  /// A table of Kendall's tau of every score.
  var agreement: TextTable {
    let asksSources = !groups.isEmpty
    var columns: [TextTable.Column] = [
      .init("score", .leading), .init("settings"), .init("tau, all"), .init("95 %"),
    ]
    if asksSources { columns += [.init("tau, same labels"), .init("95 %")] }
    return TextTable(
      columns,
      rows: TransferScore.allCases.map { score in
        let own = ScoreAgreement(score, over: settings)
        return [score.name, "\(own.settings)"] + ScoreTables.text(own.overall)
          + (asksSources ? ScoreTables.text(own.amongSources) : [])
      })
  }

  /// A table of how often each score picks the best source, with and without the best sources in the choice; nil if no target has
  /// two sources.
  var picks: TextTable? {
    if groups.isEmpty { return nil }
    let rounds = (0...2).map { count in groups.compactMap { $0.droppingBest(count) } }.filter { !$0.isEmpty }
    let names = ["among all", "without the best", "without the two best"]
    let columns: [TextTable.Column] =
      [.init("score", .leading)] + rounds.indices.flatMap { [.init("picks, \(names[$0])"), .init("points behind")] }
    var rows = TransferScore.allCases.map { score in
      [score.name]
        + rounds.flatMap { groups -> [String] in
          guard let picks = SourcePicks(score, in: groups) else { return ["-", "-"] }
          return ["\(picks.hits) of \(picks.groups)", percent(picks.meanRegret)]
        }
    }
    // Picking blindly is counted over the choices that any score can make.
    rows.append(
      ["blind"]
        + rounds.flatMap { groups -> [String] in
          let known = TransferScore.allCases.compactMap { SourcePicks($0, in: groups) }
          guard let most = known.max(by: { $0.groups < $1.groups }) else { return ["-", "-"] }
          return ["\(decimals(most.hitsByChance, 1)) of \(most.groups)", percent(most.regretByChance)]
        })
    return TextTable(columns, rows: rows)
  }

  /// A table for each target: its sources by gain, and their places by each score; empty if no target has two sources.
  var rankings: [(target: String, table: TextTable)] {
    groups.map { $0.settings[0].target }.firstOccurrences.map { target in
      (target, ranking(groups.filter { $0.settings[0].target == target }))
    }
  }

  private func ranking(_ groups: [SourceGroup]) -> TextTable {
    let groups = groups.sorted { $0.settings[0].labelsPerClass < $1.settings[0].labelsPerClass }
    let names = groups[0].settings.map(\.source)
    func gains(_ source: String) -> [Double] {
      groups.compactMap { group in group.settings.first { $0.source == source }?.gain }
    }
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(values.count, 1)) }
    let sorted = names.map { (name: $0, gains: gains($0)) }.sorted { mean($0.gains) > mean($1.gains) }
    let columns: [TextTable.Column] =
      [.init("source", .leading)] + groups.map { .init("gain, \(StudyWords.labels($0.settings[0].share))") }
      + TransferScore.allCases.map { .init("\($0.name), place") }
    return TextTable(
      columns,
      rows: sorted.map { source in
        [singleLine(source.name)] + source.gains.map(signed)
          + TransferScore.allCases.map { score in
            let places = groups.compactMap { $0.place(of: source.name, by: score) }
            return places.isEmpty ? "-" : decimals(mean(places), 1)
          }
      })
  }

  // MARK: - Numbers

  static func text(_ value: Double, _ score: TransferScore) -> String {
    score == .nearestMean ? percent(100 * value) : decimals(value, 3)
  }

  /// The text of a tau and its interval.
  private static func text(_ tau: KendallTau) -> [String] {
    guard let value = tau.value else { return ["-", "-"] }
    let interval = tau.interval()
    return [
      signed(value),
      interval.map { "\(signed($0.low)) to \(signed($0.high))" } ?? "-",
    ]
  }
}

extension SourceGroup {
  /// The place of a source among the others by a score: 1 for the highest, and equals share the mean of their places; nil if a
  /// source has no value.
  func place(of source: String, by score: TransferScore) -> Double? {
    let values = settings.compactMap { $0.scores[score] }
    guard values.count == settings.count, let own = settings.first(where: { $0.source == source })?.scores[score] else {
      return nil
    }
    return 1 + Double(values.count { $0 > own }) + Double(values.count { $0 == own } - 1) / 2
  }
}
