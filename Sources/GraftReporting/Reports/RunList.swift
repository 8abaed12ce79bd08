import Foundation
import GraftData
import GraftDocuments
import GraftFiles
import GraftStatistics
import GraftWorkbench

/// An entry of `graft runs list`: one line.
package struct RunListEntry: Sendable {
  let trial: Trial
  let accuracy: Double?
  let images: Int
  let seconds: Double
  let created: Double
  let version: String

  /// An entry for one trial.
  ///
  /// - Parameter accuracy: The accuracy in percent; nil if nothing was measured on test images.
  package init(trial: Trial, accuracy: Double?, images: Int, seconds: Double, created: Double, version: String) {
    self.trial = trial
    self.accuracy = accuracy
    self.images = images
    self.seconds = seconds
    self.created = created
    self.version = version
  }
}

/// The list that `graft runs list` prints.
package struct RunList: Sendable {
  package let entries: [RunListEntry]
  /// The number of runs that the filter lets through, shown or not.
  package let total: Int

  package init(_ entries: [RunListEntry], total: Int) {
    self.entries = entries
    self.total = total
  }

  package var document: TextDocument {
    guard !entries.isEmpty else { return TextDocument([.paragraph("no such runs")]) }
    let columns: [TextTable.Column] = [
      .init("id", .leading), .init("kind", .leading), .init("source", .leading), .init("target", .leading),
      .init("method", .leading), .init("labels"), .init("seed"), .init("accuracy / %"), .init("seconds"),
      .init("finished", .leading),
    ]
    let rows = entries.map { entry in
      [
        String(entry.trial.id.prefix(8)), entry.trial.kind.rawValue, entry.trial.source ?? "-", entry.trial.target,
        entry.trial.method, StudyWords.labels(entry.trial.share), "\(entry.trial.seed)",
        entry.accuracy.map(percent) ?? "-", decimals(entry.seconds, 2), timeText(entry.created),
      ]
    }
    var blocks: [TextDocument.Block] = [.table(TextTable(columns, rows: rows))]
    if total > entries.count {
      blocks.append(.paragraph("the newest \(grouped(entries.count)) of \(grouped(total)) (--limit)"))
    }
    return TextDocument(blocks)
  }

  package var json: JSON {
    ["schema_version": 1, "total": .integer(total), "runs": .array(entries.map { .object($0.json) })]
  }
}

extension RunListEntry {
  package var json: JSON.Object {
    var object = trialJSON(trial)
    object["accuracy"] = accuracy.map(JSON.number) ?? .null
    object["images"] = .integer(images)
    object["seconds"] = .number(seconds)
    object["finished"] = .string(timeText(created))
    object["version"] = .string(version)
    return object
  }
}

/// The columns of a trial under the names that they have in every document.
func trialJSON(_ trial: Trial) -> JSON.Object {
  var object = JSON.Object()
  object["id"] = .string(trial.id)
  object["kind"] = .string(trial.kind.rawValue)
  object["source"] = trial.source.map(JSON.string) ?? .null
  object["target"] = .string(trial.target)
  object["method"] = .string(trial.method)
  switch trial.share {
  case .all: object["labels_per_class"] = .null
  case .perClass(let count): object["labels_per_class"] = .integer(count)
  case .fraction(let fraction):
    object["labels_per_class"] = .null
    object["fraction"] = .number(fraction)
  }
  object["seed"] = .string("\(trial.seed)")
  return object
}

/// The time as `2026-11-25 10:28:06Z`.
func timeText(_ seconds: Double) -> String {
  Date(timeIntervalSince1970: seconds).formatted(
    .iso8601.year().month().day().dateTimeSeparator(.space).time(includingFractionalSeconds: false).timeZone(
      separator: .omitted))
}
