import GraftDocuments
import GraftFiles
import GraftStatistics
import GraftWorkbench

/// A report of the scores of checkpoints for one target, as `graft score` prints them.
package struct ScoreReport: Sendable {
  private let scores: [(name: String, scores: TransferScores)]
  private let target: String
  private let images: Int

  /// A report of `scores`.
  ///
  /// - Parameters:
  ///   - target: The name of the target, such as `mnist:odd`.
  ///   - images: The number of labelled images that were drawn.
  package init(_ scores: [(name: String, scores: TransferScores)], target: String, images: Int) {
    self.scores = scores
    self.target = target
    self.images = images
  }

  package var document: TextDocument {
    let columns: [TextTable.Column] =
      [.init("checkpoint", .leading)] + TransferScore.allCases.map { .init($0.name) }
    let rows = scores.map { name, scores in
      [singleLine(name)] + TransferScore.allCases.map { score in cell(scores, score) }
    }
    var blocks: [TextDocument.Block] = [
      .paragraph(
        "Before any training: what \(grouped(images)) labelled \(images == 1 ? "image" : "images") of \(singleLine(target)) "
          + "say. Higher is better\(scores.count > 1 ? "; the place among the checkpoints in brackets" : "")."),
      .table(TextTable(columns, rows: rows)),
    ]
    let missing = TransferScore.allCases.filter { score in scores.contains { $0.scores[score] == nil } }
    if !missing.isEmpty { blocks.append(.list(missing.map { "\($0.name) \($0.need)" })) }
    return TextDocument(blocks)
  }

  private func cell(_ own: TransferScores, _ score: TransferScore) -> String {
    guard let value = own[score] else { return "-" }
    let text = ScoreTables.text(value, score)
    if scores.count == 1 { return text }
    let place = 1 + scores.count { ($0.scores[score] ?? -.infinity) > value }
    return "\(text) (\(place))"
  }

  package var json: JSON {
    [
      "schema_version": 1, "target": .string(target), "images": .integer(images),
      "checkpoints": .array(
        scores.map { name, scores in
          var object = JSON.Object()
          object["checkpoint"] = .string(name)
          for score in TransferScore.allCases { object[score.rawValue] = scores[score].map(JSON.number) ?? .null }
          return .object(object)
        }),
    ]
  }
}
