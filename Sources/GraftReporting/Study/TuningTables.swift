import GraftDocuments
import GraftFiles
import GraftStatistics
import GraftTraining
import GraftWorkbench

/// Tables of the choice of every row's setting: one for each way of choosing and each kind of setting.
struct TuningTables {
  /// A line, which stands once if several pairs share it, as they share a rehearsal.
  private struct Line {
    let tuning: Tuning
    let labels: String
    var pairs: [String]
  }

  private let lines: [Line]
  private let pairCount: Int

  init(_ result: StudyResult) {
    var lines: [Line] = []
    for pair in result.pairs {
      for row in pair.risingRows {
        guard let tuning = pair.tuning(of: row) else { continue }
        let labels = StudyWords.labels(row)
        if let index = lines.firstIndex(where: { $0.tuning == tuning && $0.labels == labels }) {
          lines[index].pairs.append(StudyWords.title(pair))
        } else {
          lines.append(Line(tuning: tuning, labels: labels, pairs: [StudyWords.title(pair)]))
        }
      }
    }
    self.lines = lines
    pairCount = result.pairs.count
  }

  var blocks: [TextDocument.Block] {
    let origins: [(Tuning.Origin, String)] = [
      (
        .rehearsal,
        "Rehearsed on synthetic digits before the study, where labels are too few to hold some out; * is what all seeds "
          + "then used."
      ),
      (
        .validation,
        "Validated on a fifth of each seed's own labelled images; means over seeds, and 7x where seven seeds chose it."
      ),
      (
        .crossValidation,
        "Cross-validated on each seed's own labelled images: each is answered by a model that was trained without it. The smallest loss "
          + "chooses; means over seeds, and 7x where seven seeds chose it."
      ),
    ]
    return origins.flatMap { origin, text -> [TextDocument.Block] in
      let own = lines.filter { $0.tuning.origin == origin && !$0.tuning.figures.isEmpty }
      let tables = own.map(\.pairs).firstOccurrences.flatMap { pairs -> [TextDocument.Block] in
        let title = pairs.count == pairCount ? [] : [TextDocument.Block.paragraph("\(pairs.joined(separator: "; ")):")]
        return title + TuningTables.tables(own.filter { $0.pairs == pairs }).map { .table($0) }
      }
      return tables.isEmpty ? [] : [.paragraph(text)] + tables
    }
  }

  /// A table for each list of candidates.
  private static func tables(_ lines: [Line]) -> [TextTable] {
    lines.map(settings).firstOccurrences.map { candidates in
      table(lines.filter { settings($0) == candidates }, candidates)
    }
  }

  private static func settings(_ line: Line) -> [String] { line.tuning.figures.map(\.setting) }

  private static func table(_ lines: [Line], _ settings: [String]) -> TextTable {
    let words = settings.map { StudyWords.setting($0) }
    let names = words.first?.names ?? ""
    let isUniform = words.allSatisfy { $0.names == names }
    let columns: [TextTable.Column] =
      [.init("labels", .leading), .init("method", .leading), .init(isUniform ? "\(names):" : "")]
      + zip(words, settings).map { .init(isUniform ? $0.values : $1) }
    return TextTable(
      columns,
      rows: lines.map { line in
        [line.labels, "\(line.tuning.method)", ""] + line.tuning.figures.indices.map { cell(line.tuning, $0) }
      })
  }

  /// The cell `* 91.20` or `7x 91.20`, with the mark in front so that figures line up.
  private static func cell(_ tuning: Tuning, _ index: Int) -> String {
    let figure = percent(tuning.figures[index].accuracy.percent)
    let times = tuning.timesChosen.indices.contains(index) ? tuning.timesChosen[index] : 0
    switch tuning.origin {
    case .rehearsal: return tuning.figures[index].isChosen ? "* \(figure)" : figure
    case .validation, .crossValidation, .recipe: return times > 0 ? "\(times)x \(figure)" : figure
    }
  }
}
