import GraftCharts
import GraftData
import GraftDocuments
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftStatistics
import GraftTraining
import GraftWorkbench

/// The page of a transfer study: its findings, curves over labels and epochs, costs, and gains against scores.
package struct StudyPage {
  let result: StudyResult
  /// The source models of the first seed, if their files are there; `test` has the images to try them on.
  let sources: [(name: String, checkpoint: Checkpoint)]
  let test: Dataset?
  let version: String
  let threads: Int

  /// - Parameter test: Images to try the sources on, of their shape; nil if there are none.
  package init(
    _ result: StudyResult, sources: [(name: String, checkpoint: Checkpoint)], test: Dataset?, version: String,
    threads: Int
  ) {
    (self.result, self.sources, self.test, self.version) = (result, sources, test, version)
    self.threads = threads
  }

  package var page: Page {
    let pairs = result.pairs.map(StudyWords.title)
    var page = Page(
      title: pairs.count == 1 ? "Transfer study: \(pairs[0])" : "Transfer study: \(pairs.count) pairs",
      subtitle:
        "\(result.architecture), recipe \(result.recipe.description), \(StudyWords.count(result.seeds.count, "seed")); "
        + "Graft \(version)", banner: result.banner)
    page.lead = lead
    if result.ranksSources {
      page.sections.append(Page.Section("ranking", "Which source?", HTML.blocks(TextDocument.ranking(result))))
    } else {
      page.sections +=
        [words, efficiency, course] + [contrasts, seeds, worth, forgetting, confidence].compactMap { $0 }
    }
    page.sections += [scores, drawing(&page.assets), tuning].compactMap { $0 }
    page.sections.append(settings)
    return page
  }

  // MARK: - In short

  private var lead: [HTML] {
    let controls = result.pairs.lazy.compactMap(\.control).first.map(StudyWords.controls)
    let introduction =
      controls.map {
        "Each method learns a target from few or many labelled pictures, starting from a published body. Does that beat what one could have "
          + "without it? \($0)"
      }
      ?? "A source model is trained first; then each method learns a target from few or many labelled images, starting from the source. "
      + "Does that beat scratch: the same network from fresh weights, on the same labelled images, with the same budget and as many "
      + "settings to choose from?"
    let question = HTML("p", ["class": "headline"], text: introduction)
    return result.ranksSources ? [question] : [question] + result.pairs.flatMap(answers) + heatMaps + glossary
  }

  /// A list that says for each method when it helps, when it hurts, and when nothing is shown.
  private func answers(_ pair: StudyResult.Pair) -> [HTML] {
    let methods = pair.methods.filter { $0 != .scratch && !($0 == .randomFrozen && pair.hasRandomControl) }
    let items = methods.map { method -> HTML in
      let all = pair.rising(method)
      let rows = all.filter { $0.judged != nil }
      let parts = [(Verdict.helps, "helps"), (.hurts, "hurts")].compactMap { outcome, word -> String? in
        let own = rows.filter { $0.verdict == outcome }
        let gains = own.compactMap { $0.comparison?.gain.mean }
        guard let low = gains.min(), let high = gains.max() else { return nil }
        let points =
          own.count == 1
          ? signed(low) : "\(signed(low)) to \(signed(high))"
        return "\(word) \(StudyWords.with(own)) (\(points) points)"
      }
      let isOneSeed = rows.contains { $0.verdict == .oneSeed }
      let equal = rows.filter { $0.verdict == .equal }
      let none =
        isOneSeed
        ? "one seed says nothing of the method: two models were compared at each number of labels"
        : equal.count == rows.count && !rows.isEmpty
          ? "is equal to scratch within \(decimals(result.margin, 1)) points" : "no difference from scratch is shown"
      let diverged = all.filter { !$0.isWhole }
      let untold = diverged.isEmpty ? [] : ["diverged \(StudyWords.with(diverged)), so nothing is said of that"]
      let found = parts.isEmpty ? (rows.isEmpty ? ["cannot be compared"] : [none]) : parts
      let text = (found + untold).joined(separator: ", ")
      return HTML("li", [:], [HTML("strong", text: method.description), .text(" \(text).")])
    }
    let heading = result.pairs.count > 1 ? [HTML("h3", text: StudyWords.title(pair))] : []
    return items.isEmpty ? [] : heading + [HTML("ul", [:], items)]
  }

  /// A list of the methods, in a sentence each.
  private var glossary: [HTML] {
    let methods = result.pairs.flatMap(\.methods).firstOccurrences
    let control = result.pairs.lazy.compactMap(\.control).first
    return [
      HTML(
        "ul", [:],
        methods.map { method in
          HTML(
            "li", [:],
            [HTML("strong", text: method.description), .text(": \(MethodWords.explanation(method, control)).")])
        } + [
          HTML(
            "li", [:],
            [
              HTML("strong", text: result.architecture.description),
              .text(": \(MethodWords.explanation(result.architecture))."),
            ])
        ])
    ]
  }

  private var words: Page.Section {
    Page.Section(
      "words", "In words",
      each { pair, _ in [HTML("ul", [:], StudySummary(pair: pair).points.map { HTML("li", text: $0) })] })
  }

  /// Adds a heading for each pair if there are several.
  private func each(_ body: (StudyResult.Pair, StudyCharts) -> [HTML]) -> [HTML] {
    result.pairs.flatMap { pair -> [HTML] in
      let pieces = body(pair, StudyCharts(pair: pair, study: result))
      if pieces.isEmpty || result.pairs.count == 1 { return pieces }
      return [HTML("h3", text: StudyWords.title(pair))] + pieces
    }
  }

  private func charts(_ charts: [LineChart?]) -> HTML {
    HTML(
      "div", ["class": "charts"],
      charts.compactMap { $0 }.map {
        PageChart(chart: $0, switches: $0.series.count > 1 ? $0.series.map(\.name) : []).html
      })
  }

  // MARK: - Sections

  private var efficiency: Page.Section {
    let bands =
      result.seeds.count > 1
      ? "Bands are 95 % intervals of the mean over seeds: where they lie apart, chance is an unlikely reason." : ""
    return Page.Section(
      "efficiency", "Accuracy by number of labels",
      [
        HTML(
          "p",
          text:
            "How accurate each method is on test images when it may learn from so many labelled images of each class. \(bands) "
            + "On the right, what it gains over scratch: above zero the source helped.")
      ]
        + each { pair, own in
          [
            charts([own.efficiency, pair.methods.count > 1 ? own.gain : nil]),
            .table(StudyTables(pair: pair).main, caption: "Test accuracy in percent: \(StudyWords.title(pair))"),
          ]
        } + HTML.blocks([.list(TextDocument.legend(result))]))
  }

  /// Heat maps of gains by method and amount, one for each pair.
  private var heatMaps: [HTML] {
    result.pairs.flatMap { pair -> [HTML] in
      let methods = pair.methods.filter { $0 != .scratch }
      guard !methods.isEmpty else { return [] }
      let map = HeatMap(
        title: "Gain over scratch in points: \(StudyWords.title(pair).replacing("->", with: "→"))",
        subtitle: "blue: better than scratch; orange: worse; means over seeds; * significant (p < 0.05, corrected)",

        rowNames: methods.map(\.description), columnNames: pair.shares.map(StudyWords.labels),
        columnTitle: "labelled images per class",
        cells: methods.map { method in
          pair.shares.map { share in
            pair.row(method, share).flatMap { row in
              row.comparison.map { comparison in
                let gain = comparison.gain.mean
                let isShown = row.verdict == .helps || row.verdict == .hurts
                return HeatMap.Cell(gain, text: signed(gain) + (isShown ? " *" : ""))
              }
            }
          }
        })
      return HTML.picture(wide: map.document(width: 760), narrow: map.document(width: 400))
    }
  }

  private var course: Page.Section {
    Page.Section(
      "epochs", "Accuracy on the way",
      [
        HTML(
          "p",
          text:
            "Test accuracy during training, measured after each of the first epochs and ever less often later. Nothing was chosen by it."
        )
      ]
        + each { pair, own in [charts(pair.shares.map(own.epochs))] })
  }

  private var contrasts: Page.Section? {
    let blocks = TextDocument.contrasts(result)
    return blocks.isEmpty ? nil : Page.Section("contrasts", "Methods against each other", HTML.blocks(blocks))
  }

  private var seeds: Page.Section? {
    let blocks = TextDocument.seedPlans(result)
    return blocks.isEmpty ? nil : Page.Section("seeds", "How many seeds does it take?", HTML.blocks(blocks))
  }

  private var worth: Page.Section? {
    let blocks = TextDocument.worth(result)
    return blocks.isEmpty ? nil : Page.Section("worth", "Worth in labels and in time", HTML.blocks(blocks))
  }

  private var forgetting: Page.Section? {
    let pieces = each { pair, own in
      let chart = own.forgetting.map { [charts([$0])] } ?? []
      let table = CostTables(pair: pair).retention.map { [HTML.table($0)] } ?? []
      return chart + table
    }
    if pieces.isEmpty { return nil }
    let introduction =
      "A model that learns the target may forget the source. Measured on the source's own test images, with the source's own head: "
      + "before, and after the transfer."
    return Page.Section(
      "forgetting", "What it cost the source's task",
      [HTML("p", text: introduction)] + pieces + [HTML("p", text: CostTables.retentionLegend)])
  }

  private var confidence: Page.Section? {
    let pieces = each { pair, own in
      let shown = [own.calibration] + pair.shares.map(own.reliability)
      let table = CostTables(pair: pair).calibration.map { [HTML.table($0)] } ?? []
      return shown.contains { $0 != nil } ? [charts(shown)] + table : []
    }
    if pieces.isEmpty { return nil }
    let answer = result.meanCalibrationError.map { errors in
      HTML(
        "p",
        text:
          "A model that says 90 % should be right in 90 of 100 cases; the expected calibration error (ECE) says how far off it is. "
          + "Dividing logits by one number, the temperature, takes it from \(percent(errors.before)) to \(percent(errors.after)) points on "
          + "average; in \(errors.improved) of \(errors.rows) rows it is not higher afterwards.")
    }
    return Page.Section(
      "confidence", "Can its confidence be believed",
      (answer.map { [$0] } ?? []) + pieces + [HTML("p", text: CostTables.calibrationLegend)])
  }

  private var scores: Page.Section? {
    let figures = result.scoreFigures
    let blocks = result.ranksSources ? [] : ScoreTables(result).blocks
    if figures.isEmpty && blocks.isEmpty { return nil }
    return Page.Section(
      "scores", "Gains against scores",
      [
        HTML(
          "p",
          text:
            "A score says of a source, before anything is trained on the target, whether it will help. If it is right, dots rise from "
            + "left to right. LEEP (Nguyen et al. 2020) and NCE (Tran et al. 2019) look at the source's answers, LogME (You et al. 2021) and "
            + "the H-score (Bao et al. 2019) at its hidden units; nearest mean is the share of labelled images nearest to the mean of their "
            + "class there."
            + (sourceCount < 2
              ? " There is one source only, so nothing here says whether a score picks the better of two." : "")
        ), charts(figures.map(\.chart)),
      ] + HTML.blocks(blocks))
  }

  private var sourceCount: Int { Set(result.pairs.map(\.source)).count }

  private var tuning: Page.Section? {
    let blocks = TextDocument.tuning(result)
    return blocks.isEmpty
      ? nil : Page.Section("tuning", "Settings that were tried", HTML.blocks(blocks, headings: false))
  }

  private func drawing(_ assets: inout PageAssets) -> Page.Section? {
    guard let test else { return nil }
    let fitting = Array(sources.filter { $0.checkpoint.model.inputShape == test.shape }.prefix(3))
    let trio = PageAssets.Trio(
      name: "sources of the first seed", members: fitting.indices.map { (role: "source", model: $0) })
    let drawing = PageDrawing(
      models: fitting, trios: [trio],
      remarks: ["The study keeps its source models; of the transferred ones it keeps their answers."])
    return drawing.section(of: PageTestImages(dataset: test), threads: threads, in: &assets)
  }

  private var settings: Page.Section {
    var rows = [
      ["graft", version], ["model", result.architecture.description], ["recipe", result.recipe.description],
      ["seeds", result.seeds.map(String.init).joined(separator: ", ")],
      [
        "trained on",
        Set(result.rows.flatMap { $0.records + $0.diverged }.map(\.machine)).sorted().joined(separator: ", "),
      ],
    ]
    rows += JSON.object(result.recipe.transferSettings(seed: 0).json).leaves.filter { $0.key != "seed" }.map {
      ["recipe of the targets, apart from what is chosen: \($0.key.replacing("_", with: " "))", $0.value]
    }
    if !result.arguments.isEmpty { rows.append(["command", (["graft"] + result.arguments).joined(separator: " ")]) }
    for pair in result.pairs {
      rows.append(["\(StudyWords.title(pair)): test images", grouped(pair.labels.count)])
      let digests = Set(pair.rows.flatMap(\.records).map(\.trial.testDigest)).sorted()
      rows += digests.map { ["\(StudyWords.title(pair)): SHA-256 of the test images and labels", $0] }
    }
    // A run that several pairs share is listed once.
    var known: Set<String> = []
    let trials = result.rows.flatMap { row in
      (row.records + row.diverged).filter { known.insert($0.id).inserted }.map { record in
        [
          record.id, "\(row.source) → \(row.target)", row.method.description, StudyWords.labels(row.share),
          "\(record.trial.seed)",
          record.outcome.isDiverged ? "diverged" : percent(record.outcome.accuracy.percent),
          decimals(record.outcome.seconds, 1),
          record.version,
        ]
      }
    }
    let list = TextTable(
      [
        .init("run", .leading), .init("pair", .leading), .init("method", .leading), .init("labels"), .init("seed"),
        .init("accuracy / %"), .init("seconds"), .init("graft"),
      ], rows: trials)
    return Page.Section(
      "settings", "Settings, hashes, times",
      [
        .table(TextTable([.init("setting", .leading), .init("value", .leading)], rows: rows)),
        HTML("details", [:], [HTML("summary", text: "All \(grouped(trials.count)) runs"), .table(list)]),
      ] + HTML.blocks(TextDocument.time(result), headings: false))
  }
}
