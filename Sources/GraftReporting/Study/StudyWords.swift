import Foundation
import GraftCharts
import GraftData
import GraftFiles
import GraftStatistics
import GraftTraining
import GraftWorkbench

/// Words for a study's amounts, figures and settings in tables and sentences.
package enum StudyWords {
  /// The labels of a share: `10`, `20 %` or `all`.
  package static func labels(_ share: Share) -> String {
    switch share {
    case .all: "all"
    case .fraction(let fraction): "\(fourDigits(100 * fraction)) %"
    case .perClass(let count): grouped(count)
    }
  }

  /// A positive number to four significant digits without zeros at its end: 7 for 7.000000000000001, and 0.04.
  private static func fourDigits(_ value: Double) -> String {
    NumberText.withoutEndingZeros(decimals(value, max(0, 3 - Int(log10(value).rounded(.down)))))
  }

  /// The labels of a row, `10`, `20 % (1,220)` or `all (6,102)`: in a table no share may hide its number of labels.
  static func labels(_ row: StudyRow) -> String {
    if case .perClass = row.share { return labels(row.share) }
    return "\(labels(row.share)) (\(mean(row)))"
  }

  /// The amount `10`, `1,220 (20 %)` or `all 6,102`, as said before "labels per class".
  private static func amount(_ row: StudyRow) -> String {
    switch row.share {
    case .all: "all \(mean(row))"
    case .fraction: "\(mean(row)) (\(labels(row.share)))"
    case .perClass: labels(row.share)
    }
  }

  /// The phrase "with 1 label per class", or "with 1, 10 and all 6,102 labels per class".
  static func with(_ rows: [StudyRow]) -> String {
    let isSingle = rows.allSatisfy { $0.share == .perClass(1) }
    return "with \(list(rows.map(amount))) \(isSingle ? "label" : "labels") per class"
  }

  /// The labels per class of a share, on average over the classes.
  private static func mean(_ row: StudyRow) -> String { grouped(Int(row.labelsPerClass.rounded())) }

  /// A list in words: "a", "a and b", "a, b and c".
  static func list(_ parts: [String]) -> String {
    guard let last = parts.last, parts.count > 1 else { return parts.first ?? "" }
    return "\(parts.dropLast().joined(separator: ", ")) and \(last)"
  }

  /// The title `mnist:even -> mnist:odd`. Names may come from a folder, and one with a line break in it must not forge a line.
  static func title(_ pair: StudyResult.Pair) -> String { title(pair.source, pair.target) }

  static func title(_ source: String, _ target: String) -> String { "\(singleLine(source)) -> \(singleLine(target))" }

  /// The interval as `-0.40 to +2.80`.
  static func range(_ interval: Interval) -> String { "\(signed(interval.low)) to \(signed(interval.high))" }

  /// The probability as `0.0312`; as `<0.0001` if four decimals cannot show it.
  static func probability(_ p: Double) -> String { p < 0.0001 ? "<0.0001" : decimals(p, 4) }

  /// The verdict of a comparison in a table; `HURTS` is not to be overlooked.
  static func verdict(_ row: StudyRow) -> String {
    if !row.isWhole { return divergence(row) }
    if row.isControl { return "control" }
    if row.controlDiverged { return "scratch diverged" }
    return row.judged.map { verdict($0) } ?? ""
  }

  /// The seeds of a row that diverged: `diverged in 2 of 3`.
  static func divergence(_ row: StudyRow) -> String {
    "diverged in \(row.diverged.count) of \(row.diverged.count + row.records.count)"
  }

  /// The mean accuracy of the seeds that ended: `91.20`; `-` if all diverged.
  static func accuracy(_ row: StudyRow) -> String { row.records.isEmpty ? "-" : percent(row.accuracy.mean) }

  /// The verdict as a word: `HURTS`, `equal`, or its own name such as `not shown`.
  static func verdict(_ judged: JudgedComparison) -> String {
    switch judged.verdict {
    case .hurts: "HURTS"
    case .equal: "equal"
    case .helps, .notShown, .oneSeed: judged.verdict.rawValue
    }
  }

  /// The smallest gain that would have been shown, such as `2.3`; empty if something was shown, and for one seed.
  static func detectable(_ judged: JudgedComparison?) -> String {
    guard let judged, judged.verdict == .notShown || judged.verdict == .equal, let points = judged.detectable else {
      return ""
    }
    return decimals(points, points < 10 ? 1 : 0)
  }

  /// The count with its noun: "3 seeds", "1 seed".
  package static func count(_ number: Int, _ singular: String, _ plural: String? = nil) -> String {
    "\(grouped(number)) \(number == 1 ? singular : plural ?? "\(singular)s")"
  }

  /// The duration in words: "less than 1 s", "12 s", "2.5 min", "3 h".
  package static func duration(_ seconds: Double) -> String {
    func short(_ value: Double, _ unit: String) -> String {
      let text = decimals(value, value < 9.95 ? 1 : 0)
      return "\(text.hasSuffix(".0") ? String(text.dropLast(2)) : text) \(unit)"
    }
    if seconds < 1 { return "less than 1 s" }
    if seconds < 59.5 { return "\(decimals(seconds, 0)) s" }
    return seconds < 3_570 ? short(seconds / 60, "min") : short(seconds / 3_600, "h")
  }

  /// The seconds of a training: two decimals, more if it took less than a tenth of one.
  static func seconds(_ value: Double) -> String { decimals(value, value < 0.00995 ? 4 : value < 0.0995 ? 3 : 2) }

  /// A sentence or two on the controls of a published body.
  static func controls(_ control: StudyControl) -> String {
    "Two controls. scratch is not the body's own network, which so few pictures could not train, but a small one that one would train "
      + "instead: \(control.words), from fresh weights, on the same labelled pictures. random-frozen is the same body with random "
      + "weights under a head that is solved as frozen's is: what frozen gains over it is the worth of the source's features."
  }

  // MARK: - Settings

  /// The names `rate/decay` and values `0.2/0.0` of "rate 0.2, decay 0.0": candidates of one method differ only in the numbers.
  static func setting(_ text: String) -> (names: String, values: String) {
    let parts = text.split(separator: ", ").map { $0.split(separator: " ", maxSplits: 1).map(String.init) }
    guard !parts.isEmpty, parts.allSatisfy({ $0.count == 2 }) else { return ("setting", text) }
    return (parts.map { $0[0] }.joined(separator: "/"), parts.map { $0[1] }.joined(separator: "/"))
  }
}
