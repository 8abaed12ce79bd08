import GraftData
import GraftDocuments
import GraftFiles
import GraftStatistics
import GraftTraining
import GraftWorkbench

extension TextDocument {
  /// A finished layer study for a reader.
  package init(_ study: LayerStudy) {
    let result = study.result
    var blocks: [Block] = []
    if let banner = result.banner { blocks.append(.banner(banner)) }
    blocks += [
      .heading("Which layers carry it: \(StudyWords.title(study.transfer))"),
      .paragraph(
        "\(result.architecture), recipe \(result.recipe.description), \(StudyWords.count(result.seeds.count, "seed")), "
          + "\(grouped(study.transfer.labels.count)) test images. A: \(singleLine(study.transfer.source)), B: "
          + "\(singleLine(study.transfer.target)). n layers are copied, the others are fresh: AnB holds A's, AnB+ trains them "
          + "too; BnB and BnB+ copy from a network trained on B itself (Yosinski et al., 2014)."),
    ]
    for share in study.shares {
      let tables = LayerTables(study: study, share: share)
      blocks += [
        .heading("Accuracy in percent \(tables.amount)"), .table(tables.accuracy), .list(tables.findings),
      ]
      if let similarity = tables.similarity {
        blocks += [.heading("How alike the layers are (linear CKA) \(tables.amount)"), .table(similarity)]
      }
    }
    blocks.append(.paragraph(LayerTables.legend))
    self.init(blocks)
  }
}

/// The tables of a layer study at one number of labels.
struct LayerTables {
  let study: LayerStudy
  let share: Share

  static let legend =
    "± seeds: half the 95 % interval of the accuracy over seeds. 95 %: the difference on other seeds and other test images. p: of that "
    + "difference, after Holm's correction over all rows of the study. CKA: 1 where two layers see the same images alike up to rotation and scale, 0 "
    + "where they have nothing in common; on \(grouped(2_000)) test images of the target at most. other scratch: the network from "
    + "scratch of the next seed, so scratch - other scratch is how alike two trainings are that share nothing but their task."

  private var scratch: StudyRow? { study.transfer.row(.scratch, share) }

  var amount: String { scratch.map { StudyWords.with([$0]) } ?? "" }

  /// A table with one row for the control, then four for each depth.
  var accuracy: TextTable {
    var rows: [[String]] = []
    if let scratch {
      rows.append(
        ["0", "scratch", percent(scratch.accuracy.mean), LayerTables.half(scratch.accuracy), "", "", "", "control"])
    }
    for depth in study.depths(share) {
      let own: [(String, StudyRow)] = [
        ("BnB", depth.selffer), ("BnB+", depth.selfferTuned), ("AnB", depth.transfer), ("AnB+", depth.transferTuned),
      ]
      for (name, row) in own {
        rows.append(
          [
            "\(depth.layers)", name.replacing("n", with: "\(depth.layers)"), percent(row.accuracy.mean),
            LayerTables.half(row.accuracy),
          ] + LayerTables.comparison(row) + [StudyWords.verdict(row)])
      }
    }
    return TextTable(
      [
        .init("n"), .init("network", .leading), .init("accuracy"), .init("± seeds"), .init("against scratch"),
        .init("95 %"), .init("p, Holm"), .init("verdict", .leading),
      ], rows: rows)
  }

  private static func comparison(_ row: StudyRow) -> [String] {
    guard let judged = row.judged else { return ["", "", ""] }
    return [
      signed(judged.comparison.gain.mean), StudyWords.range(judged.comparison.interval),
      StudyWords.probability(judged.adjustedP),
    ]
  }

  private static func half(_ sample: Sample) -> String { StudyRow.halfWidth(sample).map(percent) ?? "-" }

  /// The findings at each depth.
  var findings: [String] {
    var points = study.depths(share).map { depth in
      let layers = StudyWords.count(depth.layers, "layer")
      let cut = depth.selffer.comparison.map(LayerTables.difference) ?? "-"
      return "\(layers): B's own, held under fresh ones, against scratch \(cut); A's against B's own "
        + "\(LayerTables.difference(depth.specificity)); with the copied layers trained, A's against B's own "
        + "\(LayerTables.difference(depth.generalization))."
    }
    if share != .all {
      points.append(
        "The network that BnB copies from was trained on all images of B: with fewer labels BnB is what the best source "
          + "there could be would give, and no measure of co-adaptation.")
    }
    return points
  }

  private static func difference(_ comparison: MethodComparison) -> String {
    "\(signed(comparison.gain.mean)) points (\(StudyWords.range(comparison.interval)))"
  }

  /// A table with one row for each two models; nil if they were not compared.
  var similarity: TextTable? {
    guard let own = study.transfer.similarities.first(where: { $0.share == share }) else { return nil }
    return TextTable(
      [.init("models", .leading)] + own.layers.flatMap { [.init("layer \($0)"), .init("± seeds")] },
      rows: LayerTables.shown(of: own).map { pair in
        ["\(LayerTables.name(pair.one)) - \(LayerTables.name(pair.other))"]
          + own.layers.flatMap { layer -> [String] in
            guard let sample = own.sample(pair.one, pair.other, layer: layer) else { return ["-", "-"] }
            return [decimals(sample.mean, 3), StudyRow.halfWidth(sample).map { decimals($0, 3) } ?? "-"]
          }
      })
  }

  /// The comparisons that are shown. The other network from scratch is only a measure for the first one.
  static func shown(of similarity: ModelSimilarity) -> [(one: String, other: String)] {
    similarity.comparisons.filter { $0.other != "other scratch" || $0.one == "scratch" }
  }

  /// The name of a model. The one compared method, which copies every layer and trains them, is the transferred model.
  static func name(_ model: String) -> String {
    model.hasPrefix(TransferMethod.Rule.copyTuned.rawValue) ? "transferred" : model
  }
}
