import GraftCharts
import GraftDocuments
import GraftFiles
import GraftStatistics
import GraftTraining
import GraftWorkbench

/// The tables of one pair.
struct StudyTables {
  let pair: StudyResult.Pair

  /// A table of every method at every number of labels, against its control.
  var main: TextTable {
    TextTable(
      [
        .init("labels", .leading), .init("method", .leading), .init("accuracy"), .init("± seeds"), .init("gain"),
        .init("95 %"), .init("p, Holm"), .init("better in"), .init("could show"), .init("verdict", .leading),
      ],
      rows: pair.risingRows.map { row in
        let accuracy = row.accuracy
        return [
          StudyWords.labels(row), "\(row.method)", StudyWords.accuracy(row), StudyTables.halfWidth(accuracy),
        ] + StudyTables.comparison(row.judged)
          + [StudyWords.detectable(row.judged), StudyWords.verdict(row)]
      })
  }

  private static func comparison(_ judged: JudgedComparison?) -> [String] {
    guard let judged else { return ["", "", "", ""] }
    let comparison = judged.comparison
    return [
      signed(comparison.gain.mean), StudyWords.range(comparison.interval),
      StudyWords.probability(judged.adjustedP), "\(comparison.seedsBetter) of \(comparison.seeds)",
    ]
  }

  /// A table of methods against each other; nil if none was compared.
  var contrasts: TextTable? {
    if pair.contrasts.isEmpty { return nil }
    return TextTable(
      [
        .init("labels", .leading), .init("first", .leading), .init("second", .leading), .init("difference"),
        .init("95 %"), .init("p, Holm"), .init("better in"), .init("could show"), .init("verdict", .leading),
      ],
      rows: pair.contrasts.map { contrast in
        let labels = pair.row(contrast.first, contrast.share).map { StudyWords.labels($0) } ?? ""
        return [labels, "\(contrast.first)", "\(contrast.second)"] + StudyTables.comparison(contrast.judged)
          + [StudyWords.detectable(contrast.judged), StudyTables.verdict(contrast)]
      })
  }

  private static func verdict(_ contrast: MethodContrast) -> String {
    switch contrast.judged.verdict {
    case .helps: "\(contrast.first) is better"
    case .hurts: "\(contrast.second) is better"
    case .equal, .notShown, .oneSeed: StudyWords.verdict(contrast.judged)
    }
  }

  /// A table of the seeds needed to show a gain; nil for a study of one seed.
  var seeds: TextTable? {
    let rows = pair.risingRows.compactMap { row in
      row.judged.flatMap { SeedPlan($0.comparison, level: $0.level) }.map {
        (StudyWords.labels(row), "\(row.method)", $0)
      }
    }
    return rows.isEmpty ? nil : StudyTables.seeds(rows)
  }

  static func seeds(_ rows: [(labels: String, method: String, plan: SeedPlan)]) -> TextTable {
    TextTable(
      [.init("labels", .leading), .init("method", .leading), .init("seeds"), .init("deviation of the gain")]
        + SeedPlan.usualGains.map { .init("to show \(NumberText.withoutEndingZeros(decimals($0, 1)))") },
      rows: rows.map { labels, method, plan in
        [labels, method, "\(plan.known)", percent(plan.deviation)]
          + plan.needed.map { $0.seeds.map(grouped) ?? "over 1,000" }
      })
  }

  private static func halfWidth(_ sample: Sample) -> String { StudyRow.halfWidth(sample).map(percent) ?? "-" }

  /// A table of the worth of each method in labels and in time; nil if only the control was trained.
  var worth: TextTable? {
    let rows = pair.risingRows.filter { $0.judged != nil }
    if rows.isEmpty { return nil }
    return TextTable(
      [
        .init("labels", .leading), .init("method", .leading), .init("worth"), .init("95 %, seeds"), .init("reached"),
        .init("epochs"), .init("scratch"), .init("seconds"), .init("scratch"),
      ],
      rows: rows.map { row in
        let worth = pair.labelWorth(of: row)
        let control = pair.control(of: row)
        return [
          StudyWords.labels(row), "\(row.method)", worth.map { "\(StudyTables.text($0.factor)) x" } ?? "-",
          worth?.factorInterval.map { "\(StudyTables.text($0.low)) to \(StudyTables.text($0.high))" } ?? "-",
          "\(row.timeWorth.count) of \(row.timeWorth.reached.count)",
        ] + [
          row.isSolved ? "solved" : StudyTables.epoch(row), control.map(StudyTables.epoch) ?? "-",
          StudyTables.seconds(row), control.map(StudyTables.seconds) ?? "-",
        ]
      })
  }

  /// The text of a factor, `7.1`, `<0.5` or `>9.8`: beyond the control's curve only the side is known.
  static func text(_ factor: LabelAmount) -> String {
    func number(_ value: Double) -> String { decimals(value, value < 0.095 ? 4 : value < 1 ? 2 : 1) }
    return switch factor {
    case .labels(let value): number(value)
    case .fewerThan(let value): "<\(number(value))"
    case .moreThan(let value): ">\(number(value))"
    }
  }

  private static func epoch(_ row: StudyRow) -> String {
    row.timeWorth.medianEpoch.map { decimals($0, $0 == $0.rounded() ? 0 : 1) } ?? "never"
  }

  private static func seconds(_ row: StudyRow) -> String {
    row.timeWorth.medianSeconds.map(StudyWords.seconds) ?? "never"
  }
}
