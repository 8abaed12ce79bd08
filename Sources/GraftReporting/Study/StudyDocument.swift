import GraftDocuments
import GraftFiles
import GraftStatistics
import GraftTraining
import GraftWorkbench

extension TextDocument {
  /// A finished study for a reader: the findings on each pair, its tables, the settings, the meaning of the intervals.
  ///
  /// - Parameter isWhole: Whether a study that ranks sources reports each of its many pairs in full too.
  package init(_ result: StudyResult, isWhole: Bool = false) {
    var blocks: [Block] = []
    if let banner = result.banner { blocks.append(.banner(banner)) }
    if result.ranksSources {
      blocks += TextDocument.ranking(result)
      if !isWhole {
        blocks += TextDocument.time(result)
        self.init(blocks)
        return
      }
    }
    for (index, pair) in result.pairs.enumerated() {
      blocks.append(.heading(StudyWords.title(pair)))
      blocks.append(.paragraph(TextDocument.introduction(pair, result, isFirst: index == 0)))
      blocks.append(.list(StudySummary(pair: pair).points))
    }
    for pair in result.pairs {
      blocks += [
        .heading("Test accuracy in percent: \(StudyWords.title(pair))\(TextDocument.suffix(pair))"),
        .table(StudyTables(pair: pair).main),
      ]
    }
    blocks.append(.list(TextDocument.legend(result)))
    blocks += TextDocument.contrasts(result)
    blocks += TextDocument.seedPlans(result)
    blocks += TextDocument.worth(result)
    if !result.ranksSources { blocks += ScoreTables(result).blocks }
    blocks += TextDocument.costs(result)
    blocks += TextDocument.tuning(result)
    blocks += TextDocument.time(result)
    self.init(blocks)
  }

  /// The ranking of sources, by gain and by score.
  static func ranking(_ result: StudyResult) -> [Block] {
    let tables = ScoreTables(result)
    var blocks: [Block] = []
    for ranking in tables.rankings {
      blocks += [.heading("Which source for \(singleLine(ranking.target))?"), .table(ranking.table)]
    }
    blocks.append(
      .paragraph(
        "gain: of the best method over scratch, in points, by labels per class; sources by their mean gain. place: where a "
          + "score, known before any training, puts the source among the others, on average over the numbers of labels; 1 is the highest."
      ))
    if let picks = tables.picks {
      blocks += [
        .heading("How often a score picks the best source"), .table(picks),
        .paragraph(
          "One choice for every target and number of labels. points behind: gain of the best source minus gain of the picked "
            + "one, on average. Where one source is far ahead any score may find it, so the choice is made again without it."
        ),
      ]
    }
    return blocks + tables.blocks
  }

  private static func costs(_ result: StudyResult) -> [Block] {
    var blocks: [Block] = []
    let tables = result.pairs.map { (pair: $0, tables: CostTables(pair: $0)) }
    for (pair, tables) in tables {
      guard let table = tables.retention else { continue }
      blocks += [.heading("What it cost the source: \(StudyWords.title(pair))\(suffix(pair))"), .table(table)]
    }
    if !blocks.isEmpty { blocks.append(.paragraph(CostTables.retentionLegend)) }
    let measured = tables.compactMap { own in own.tables.calibration.map { (own.pair, $0) } }
    for (pair, table) in measured {
      blocks += [.heading("Can its confidence be believed: \(StudyWords.title(pair))\(suffix(pair))"), .table(table)]
    }
    if let errors = result.meanCalibrationError {
      blocks.append(.paragraph(CostTables.calibrationLegend))
      blocks.append(
        .paragraph(
          "On average over \(StudyWords.count(errors.rows, "row")), scaling takes the ECE from \(percent(errors.before)) to "
            + "\(percent(errors.after)) points; it is not higher afterwards in \(errors.improved) of them."))
    }
    return blocks
  }

  private static func introduction(_ pair: StudyResult.Pair, _ result: StudyResult, isFirst: Bool) -> String {
    let seeds = StudyWords.count(result.seeds.count, "seed")
    let text =
      "\(result.architecture), recipe \(result.recipe.description), \(seeds), \(grouped(pair.labels.count)) test images."
    if !isFirst { return text }
    if let control = pair.control { return text + " " + StudyWords.controls(control) }
    return text
      + " Every method against scratch: the same network from fresh weights, on the same labelled images, with the same "
      + "budget and as many settings to choose from."
  }

  /// The suffix of a table's title that names synthetic digits if no hand wrote the digits.
  private static func suffix(_ pair: StudyResult.Pair) -> String {
    switch (StudyResult.isSynthetic(pair.source), StudyResult.isSynthetic(pair.target)) {
    case (false, false): ""
    case (_, true): " (synthetic digits)"
    case (true, false): " (source: synthetic digits)"
    }
  }

  /// The meaning of the columns of the tables.
  static func legend(_ result: StudyResult) -> [String] {
    var items = [
      "labels: labelled training images per class, a mean over classes in brackets. accuracy, gain: means over seeds; "
        + "gain is accuracy minus scratch's of the same seed, in points."
    ]
    let comparisons = StudyWords.count(result.comparisons, "comparison")
    if result.seeds.count > 1 {
      items.append(
        "± seeds: half the 95 % interval of the accuracy over all possible seeds (labelled images, weights, order), on these test "
          + "images. 95 %: all mean gains that the test does not reject, over other seeds and other test images.")
      items.append(
        "p, Holm: the probability of such a mean gain if there is none, by the larger p of two t-tests (over seeds; over seeds and "
          + "test images), corrected for the \(comparisons) of this study.")
      items.append(
        "helps or HURTS: p is below 0.05 after the correction. equal: shown to differ by less than \(decimals(result.margin, 1)) points "
          + "(two one-sided tests, corrected). not shown: neither; could show is the smallest gain that eight of ten such studies "
          + "would have shown.")
    } else {
      items.append(
        "One seed trains one model of each method: models are compared, and nothing is said of the methods. 95 %: where the difference of "
          + "these two models would lie on other test images of the same kind. p, Holm: exact McNemar test over images, corrected for "
          + "the \(comparisons) of this study.")
    }
    if !result.earlierLooks.isEmpty {
      items.append(
        "This study was looked at before with \(StudyWords.list(result.earlierLooks.map(String.init))) of its \(result.seeds.count) "
          + "seeds. Whoever adds seeds until something is shown finds something by chance more often than p says; p is not corrected "
          + "for that.")
    }
    items += sources(result)
    items += result.pairs.filter { !$0.learntClasses.isEmpty }.map { pair in
      "\(StudyWords.title(pair)): the source has learnt \(pair.learntClasses.count) of the target's "
        + "\(Set(pair.labels).count) classes before, from the same data: its gains are not all transfer to new classes."
    }
    return items
  }

  /// A sentence on whether the intervals contain the source's variance.
  private static func sources(_ result: StudyResult) -> [String] {
    let fixed = result.pairs.filter(\.hasFixedSource)
    if result.seeds.count == 1 { return [] }
    if fixed.isEmpty { return ["Each seed has its own source model, so intervals contain the source's variance."] }
    let names = fixed.count == result.pairs.count ? "" : "\(StudyWords.list(fixed.map { StudyWords.title($0) })): "
    return ["\(names)all seeds share one source; intervals leave out its variance."]
      + (fixed.contains { $0.control != nil && $0.methods.contains(.randomFrozen) }
        ? ["random-frozen has one body with random weights for all seeds; intervals leave out its variance, too."] : [])
  }

  /// The comparisons of methods with each other, and with the source as it stands.
  static func contrasts(_ result: StudyResult) -> [Block] {
    result.pairs.flatMap { pair -> [Block] in
      guard let table = StudyTables(pair: pair).contrasts else { return [] }
      return [.heading("Methods against each other: \(StudyWords.title(pair))\(suffix(pair))"), .table(table)]
    }
  }

  /// The answer to "How many seeds do I need?"
  static func seedPlans(_ result: StudyResult) -> [Block] {
    let tables = result.pairs.compactMap { pair in StudyTables(pair: pair).seeds.map { (pair, $0) } }
    if tables.isEmpty { return [] }
    return tables.flatMap { pair, table -> [Block] in
      [.heading("How many seeds does it take? \(StudyWords.title(pair))\(suffix(pair))"), .table(table)]
    } + [.paragraph(seedPlanLegend)]
  }

  static let seedPlanLegend =
    "to show 0.5, 1, 2: seeds with which eight of ten studies would show a mean gain of so many points, if gains go on to differ from "
    + "seed to seed as they did; over 1,000: not even so many do, because gains differ too much or the test images are too few."

  static func worth(_ result: StudyResult) -> [Block] {
    var blocks: [Block] = []
    for pair in result.pairs {
      guard let table = StudyTables(pair: pair).worth else { continue }
      blocks += [
        .heading("Worth in labels and in time: \(StudyWords.title(pair))\(suffix(pair))"), .table(table),
      ]
    }
    if blocks.isEmpty { return [] }
    let text =
      "worth: how many labels of scratch one label of the method is worth, read off scratch's curve, straight over log(labels); "
      + "> and < where that curve ends, and - at its last amount. 95 %, seeds: the amounts at which a paired t-test over seeds finds no "
      + "difference, from \(LabelWorth.fewestSeeds) seeds on. reached: seeds in which the method was as accurate as scratch at its end. epochs, "
      + "seconds: until then, medians over seeds, beside what scratch itself needed; measured after each of the first "
      + "epochs, then ever fewer. solved: a head at its optimum, which has no epochs; 0 epochs: the solved head before the "
      + "first. Seconds are of the training alone, without choosing settings, and as busy as the machine then was."
    return blocks + [.paragraph(text)]
  }

  static func tuning(_ result: StudyResult) -> [Block] {
    let blocks = TuningTables(result).blocks
    if blocks.isEmpty { return [] }
    let trainsBody = result.pairs.contains { pair in
      pair.control != nil && pair.tunings.contains { $0.origin == .recipe && $0.method != .scratch && !$0.isSolved }
    }
    return [
      .heading("Settings: accuracy in percent of every candidate"),
      .paragraph(
        "Every method chose among the same number of candidates; test images were never asked."
          + (trainsBody
            ? " Methods that train a published body took the recipe's settings: one training of theirs takes minutes."
            : "")
      ),
    ] + blocks
  }

  static func time(_ result: StudyResult) -> [Block] {
    let text =
      "This call took \(StudyWords.duration(result.seconds)). All trainings of the study, sources, rehearsals and choices of "
      + "settings included, took \(StudyWords.duration(result.trainingSeconds)) on one core whenever they ran."
    return [.heading("Time"), .paragraph(text)]
  }
}
