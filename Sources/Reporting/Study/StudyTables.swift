import Files
import Studies
import Training

/// The tables of one pair.
struct StudyTables {
  let pair: StudyResult.Pair

  /// Every method at every number of labels, against its control.
  var main: TextTable {
    TextTable(
      [
        .init("labels", .leading), .init("method", .leading), .init("accuracy"), .init("± seeds"), .init("gain"),
        .init("± seeds"), .init("95 %, images"), .init("p, Holm"), .init("w-t-l"), .init("verdict", .leading),
      ],
      rows: pair.risingRows.map { row in
        let accuracy = row.accuracy
        return [
          StudyWords.labels(row), "\(row.method)", percent(accuracy.mean), StudyTables.halfWidth(accuracy),
        ] + StudyTables.comparison(row) + [StudyWords.verdict(row)]
      })
  }

  private static func comparison(_ row: StudyRow) -> [String] {
    guard let comparison = row.comparison, let adjustedP = row.adjustedP else { return ["", "", "", "", ""] }
    let images = comparison.overImages
    let record = comparison.record
    return [
      StudyWords.signed(comparison.gain.mean), halfWidth(comparison.gain),
      "\(StudyWords.signed(images.low)) to \(StudyWords.signed(images.high))", StudyWords.probability(adjustedP),
      "\(record.wins)-\(record.ties)-\(record.losses)",
    ]
  }

  private static func halfWidth(_ sample: Sample) -> String { StudyRow.halfWidth(sample).map(percent) ?? "-" }

  /// What each method is worth in labels and in time; nil where only the control was trained.
  var worth: TextTable? {
    let rows = pair.risingRows.filter { !$0.isControl }
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

  /// `7.1`, `<0.5`, `>9.8`: beyond the control's curve only the side is known.
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
