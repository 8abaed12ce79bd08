import GraftData
import GraftDocuments
import GraftFiles
import GraftReproduction
import GraftStatistics
import GraftTraining
import GraftWorkbench

extension TextDocument {
  /// A reproduction for a reader: counts, headline table, controls, shares, NumPy variant, audit, claims, finding, time.
  package init(_ result: ReproductionResult) {
    var blocks: [Block] = []
    if let banner = result.banner { blocks.append(.banner(banner)) }
    blocks += TextDocument.counts(result)
    blocks += TextDocument.headline(result)
    blocks += TextDocument.controls(result)
    blocks += TextDocument.shares(result)
    blocks += TextDocument.variant(result)
    blocks += TextDocument.audit(result)
    blocks += TextDocument.claims(result)
    if let finding = result.negativeTransfer { blocks += [.heading("In plain words"), .paragraph(finding + ".")] }
    let seeds = result.seeds.count == 1 ? "seed \(result.seeds[0])" : "\(result.seeds.count) seeds"
    blocks.append(
      .paragraph("\(result.outcomes.count) trainings, \(seeds), in \(decimals(result.seconds, 1)) s."))
    self.init(blocks)
  }

  static func counts(_ result: ReproductionResult) -> [Block] {
    let digits = Array(result.trainCounts.indices)
    var rows: [[String]] = []
    for half in Half.allCases {
      for (part, counts) in [("training", result.trainCounts), ("test", result.testCounts)] {
        let classes = half.selection.classes
        rows.append(
          [result.title(of: half), part]
            + digits.map { classes.contains($0) ? grouped(counts[$0]) : "" }
            + [grouped(classes.reduce(0) { $0 + counts[$1] })])
      }
    }
    let columns =
      [TextTable.Column("half", .leading), .init("images", .leading)] + digits.map { .init("\($0)") } + [.init("all")]
    return [.heading("Images per class (\(result.dataName))"), .table(TextTable(columns, rows: rows))]
  }

  static func headline(_ result: ReproductionResult) -> [Block] {
    let table = result.isStudysData ? comparison(result) : ownFigures(result)
    var blocks: [Block] = [
      .heading("Test accuracy in percent; a row is the target" + suffix(result)), .table(table),
    ]
    let own =
      "as counted: as the study's code counts, a transfer over source and target together. true: on the target's own test "
      + "images. 95 %: the interval over \(result.seeds.count > 1 ? "seeds" : "test images")."
    let theirs =
      "published: the study's table. report, repository: the accuracies of its own two sets of confusion matrices. "
    blocks.append(.paragraph(result.isStudysData ? theirs + own : own))
    let differing = result.cells.filter { $0.pooled != nil }
    blocks.append(.list(differing.map { "\($0.task.system.rawValue), \($0.task.target.rawValue): \($0.explanation)." }))
    if result.isRehearsal {
      blocks.append(.paragraph("A rehearsal with fewer epochs than the study's: no verdicts."))
    } else if result.isStudysData, let (_, runs) = result.cells.first?.verdictRange {
      blocks.append(
        .paragraph(
          "A figure is reproduced where it lies in the range in which 99 of 100 runs fall, estimated from \(runs) runs; the "
            + "target's own test images are counted."))
    }
    return blocks
  }

  private static func intervalTitle(_ result: ReproductionResult) -> String {
    result.seeds.count > 1 ? "95 %, seeds" : "95 %, images"
  }

  /// A table of the study's cells: its figures, ours, and the verdict.
  private static func comparison(_ result: ReproductionResult) -> TextTable {
    TextTable(
      [
        .init("system", .leading), .init("target", .leading), .init("published"), .init("report"), .init("repository"),
        .init("as counted"), .init("true"), .init(intervalTitle(result)), .init("verdict", .leading),
      ],
      rows: result.cells.map { cell in
        let matrices = PublishedPaper.Publication.allCases.map { publication in
          result.published.matrix(of: cell.task, in: publication).map { percent($0.accuracy.percent) } ?? "-"
        }
        return [cell.task.system.rawValue, cell.task.target.rawValue, cell.published.map(percent) ?? "-"] + matrices + [
          percent((cell.pooled ?? cell.accuracy).mean), percent(cell.accuracy.mean), range(of: cell),
          cell.verdict?.rawValue ?? "-",
        ]
      })
  }

  /// A table of the same trainings on other data, which have nothing to compare with.
  private static func ownFigures(_ result: ReproductionResult) -> TextTable {
    TextTable(
      [
        .init("system", .leading), .init("target", .leading), .init("as counted"), .init("true"),
        .init(intervalTitle(result)),
      ],
      rows: result.cells.map { cell in
        [
          cell.task.system.rawValue, cell.task.target.rawValue, percent((cell.pooled ?? cell.accuracy).mean),
          percent(cell.accuracy.mean), range(of: cell),
        ]
      })
  }

  /// The suffix of a table's title that names the origin of its figures if that is not the study's data.
  private static func suffix(_ result: ReproductionResult) -> String {
    result.isStudysData ? "" : " (\(result.dataName == "synthetic" ? "synthetic digits" : result.dataName))"
  }

  private static func range(of cell: ReproductionCell) -> String {
    let interval = cell.accuracy.meanInterval() ?? cell.wilson
    return "\(percent(interval.low)) to \(percent(interval.high))"
  }

  static func controls(_ result: ReproductionResult) -> [Block] {
    guard !result.controls.isEmpty else { return [] }
    let columns: [TextTable.Column] = [
      .init("control", .leading), .init("target", .leading), .init("true"), .init("95 %"),
      .init("transfer minus control"),
    ]
    let rows = result.controls.map { cell -> [String] in
      let difference = result.cell(PaperTask(.transfer, cell.task.target)).map { transfer in
        signed(transfer.accuracy.mean - cell.accuracy.mean)
      }
      return [
        cell.task.system.title, cell.task.target.rawValue, percent(cell.accuracy.mean), range(of: cell),
        difference ?? "-",
      ]
    }
    return [
      .heading("Controls that the study lacks" + suffix(result)), .table(TextTable(columns, rows: rows)),
      .paragraph(
        "Matched: the whole network from scratch, as long and with the same optimizer as the transfer. "
          + "Random body: the transfer's head on a hidden layer that was never trained."),
    ]
  }

  static func shares(_ result: ReproductionResult) -> [Block] {
    guard !result.shares.isEmpty else { return [] }
    let columns: [TextTable.Column] =
      [.init("reading", .leading), .init("target", .leading)]
      + PaperShares.percents.flatMap { [.init("\($0) %"), .init("printed")] }
    let rows = PaperShareReading.allCases.flatMap { reading in
      Half.allCases.map { target -> [String] in
        [reading.rawValue, target.rawValue]
          + PaperShares.percents.flatMap { share -> [String] in
            let cell = result.shares.first { $0.reading == reading && $0.target == target && $0.percent == share }
            return [cell.map { percent($0.accuracy.mean) } ?? "-", cell?.published.map(percent) ?? "-"]
          }
      }
    }
    return [
      .heading("The report's second table: every reading on 20, 50 and 80 % of the data" + suffix(result)),
      .table(TextTable(columns, rows: rows)), .paragraph("Which one it was \(result.shareSummary)."),
    ]
  }

  static func variant(_ result: ReproductionResult) -> [Block] {
    guard !result.variant.isEmpty else { return [] }
    let columns: [TextTable.Column] = [
      .init("system", .leading), .init("source", .leading), .init("target", .leading), .init("seed"), .init("accuracy"),
      .init("in NumPy"), .init("last training loss"), .init("seconds"),
    ]
    let rows = result.variant.map { outcome in
      [
        outcome.task.system.title, outcome.task.source?.rawValue ?? "-", outcome.task.target.rawValue,
        "\(outcome.seed)", percent(outcome.accuracy.percent),
        result.reference.numPyAccuracies(of: outcome.task).map(percent).joined(separator: ", "),
        decimals(outcome.history.last?.trainLoss ?? .nan, 4),
        decimals(outcome.seconds, 1),
      ]
    }
    return [
      .heading("The older NumPy variant: full-batch gradient descent" + suffix(result)),
      .table(TextTable(columns, rows: rows)),
      .paragraph(
        "Its accuracies are not pooled. Its loss lists are emptied by the second training before anything is drawn, so "
          + "its two \"source\" figures show the transfer."),
    ]
  }

  private static func audit(_ result: ReproductionResult) -> [Block] {
    let findings = result.audit
    guard !findings.isEmpty else { return [] }
    return [.heading("Audit")]
      + findings.enumerated().flatMap { index, finding -> [Block] in
        [.paragraph("\(index + 1). \(finding.title)."), .list(finding.lines + finding.sums)]
      }
  }

  static func claims(_ result: ReproductionResult) -> [Block] {
    let claims = result.claims
    guard !claims.isEmpty else { return [] }
    return [.heading("The study's claims")]
      + claims.map {
        .entry(verdict: $0.verdict.rawValue, statement: "\($0.claim.claim) (\($0.claim.place))", evidence: $0.evidence)
      }
  }
}
