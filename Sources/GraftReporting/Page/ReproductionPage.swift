import GraftCharts
import GraftData
import GraftDocuments
import GraftFiles
import GraftNetworks
import GraftReproduction
import GraftStatistics
import GraftTraining
import GraftWorkbench

/// The page of a reproduction: its tables, the audit, the curves, and the models themselves, to draw for.
///
/// With several seeds, curves and tables cover all of them; matrices, mistakes and models come from the first seed.
package struct ReproductionPage {
  let result: ReproductionResult
  let test: PageTestImages
  /// The kept models of the first seed, and their answers to the target's test images.
  let models: [PaperTask: (checkpoint: Checkpoint, answers: PageAnswers)]
  let threads: Int

  /// - Parameters:
  ///   - folder: The folder where the reproduction left its checkpoints.
  ///   - test: All test images of its data.
  /// - Throws: If a checkpoint is missing or is another one, or if other test images were measured.
  package init(_ result: ReproductionResult, folder: String, test: Dataset, threads: Int) throws {
    self.result = result
    self.threads = threads
    let images = PageTestImages(dataset: test)
    self.test = images
    guard test.countsPerClass == result.testCounts else {
      throw GraftFailure(
        .badData, "the test images here are not those of the reproduction in \(folder)"
      ).with(.namingMeasuredData)
    }
    var models: [PaperTask: (checkpoint: Checkpoint, answers: PageAnswers)] = [:]
    for run in result.outcomes where run.seed == result.seeds.first {
      guard let digest = run.checkpointDigest else { continue }
      let path = "\(folder)/seed-\(run.seed)/\(run.task).safetensors"
      guard try SHA256Digest.hex(ofFileAt: path) == digest else {
        throw GraftFailure(.badData, "\(path) is not the checkpoint that this reproduction wrote")
      }
      let checkpoint = try Checkpoint(contentsOf: path)
      let answers = try images.answers(of: checkpoint, classes: run.task.target.selection.classes, threads: threads)
      guard answers.predictions == run.predictions else {
        throw GraftFailure(.badData, "\(path) answers the test images here otherwise than it did")
          .with(.namingMeasuredData)
      }
      models[run.task] = (checkpoint, answers)
    }
    self.models = models
  }

  package var page: Page {
    let seeds = result.seeds.count == 1 ? "seed \(result.seeds[0])" : "\(result.seeds.count) seeds"
    var page = Page(
      title: "Reproduction of “Transfer Learning using MNIST dataset”",
      subtitle:
        "\(result.isStudysData ? "MNIST" : result.dataName), \(seeds), \(result.outcomes.count) trainings in "
        + "\(decimals(result.seconds, 0)) s; Graft \(result.options.version) on \(result.options.machine)",
      banner: result.banner)
    page.lead = lead
    if let drawing = drawing(&page.assets) { page.sections.append(drawing) }
    let cards = self.cards
    page.sections.append(
      Page.Section(
        "results", "The study's table, counted again",
        (cards.isEmpty ? [] : [HTML("div", ["class": "cards"], cards)]) + HTML.blocks(headlineBlocks)
          + HTML.picture(wide: comparison(width: 860), narrow: comparison(width: 400))
          + HTML.blocks(TextDocument.controls(result)) + fewLabels))
    page.sections += [audit(&page.assets), claims, summary].compactMap { $0 }
    page.sections.append(
      Page.Section("counts", "Images per class", HTML.blocks(TextDocument.counts(result), headings: false)))
    page.sections.append(losses)
    page.sections += [matrices(&page.assets), classes, mistakes, weights].compactMap { $0 }
    for (id, title, blocks) in [
      ("shares", "The second table", TextDocument.shares(result)),
      ("variant", "The NumPy variant", TextDocument.variant(result)),
    ] where !blocks.isEmpty {
      page.sections.append(Page.Section(id, title, HTML.blocks(blocks, headings: false)))
    }
    page.sections.append(settings)
    return page
  }

  /// The headline table for a page. Target, true accuracy and verdict come first, so that a phone shows them. The range by which a
  /// figure is judged, for which a terminal has no room, comes last.
  private var headlineBlocks: [TextDocument.Block] {
    let ranges = result.cells.map { cell in
      cell.verdict == nil ? nil : cell.verdictRange.map { "\(percent($0.range.low)) to \(percent($0.range.high))" }
    }
    return TextDocument.headline(result).map { block in
      guard case .table(let table) = block, table.rows.count == result.cells.count else { return block }
      let first = ["published", "true", "verdict"].compactMap { title in
        table.columns.firstIndex { $0.title == title }
      }
      let order = first + table.columns.indices.dropFirst(2).filter { !first.contains($0) }
      var columns = [TextTable.Column("system, target", .leading)] + order.map { table.columns[$0] }
      var rows = table.rows.map { row in ["\(row[0]), \(row[1])"] + order.map { row[$0] } }
      if ranges.contains(where: { $0 != nil }) {
        columns.append(.init("99 of 100 runs"))
        for (row, range) in ranges.enumerated() { rows[row].append(range ?? "-") }
      }
      return .table(TextTable(columns, rows: rows))
    }
  }

  // MARK: - Words

  func name(_ task: PaperTask) -> String {
    let what = task.system.title
    return task.source.map { "\(what), \($0.rawValue) → \(task.target.rawValue)" } ?? "\(what), \(task.target.rawValue)"
  }

  /// The study's six tasks, in the order of its table.
  var reported: [PaperTask] { result.cells.map(\.task) }

  private func mean(_ system: PaperSystem, _ half: Half) -> Double? {
    result.cell(PaperTask(system, half))?.accuracy.mean
  }

  // MARK: - In short

  private var lead: [HTML] {
    var pieces: [HTML] = []
    if result.isStudysData {
      let address = "https://duckduckgo.com/?q=%22Transfer+Learning+using+MNIST+dataset%22+AIMS+Senegal"
      pieces.append(
        HTML(
          "p", [:],
          [
            .text("“Transfer Learning using MNIST dataset” (AIMS Senegal, 2024: slides, a report and code; "),
            HTML("a", ["href": address, "rel": "noreferrer"], text: "look for it on the web"),
            .text(
              ") trains a network on the even or on the odd digits and moves it to the other half. What it published is repeated and "
                + "checked here."),
          ]))
    }
    pieces.append(
      HTML(
        "ol", ["class": "findings"],
        findings.map { HTML("li", [:], [HTML("strong", text: "\($0.title): "), .text($0.text)]) }))
    return pieces + [glossary]
  }

  /// The findings in a few sentences, for a reader who has a minute.
  private var findings: [(title: String, text: String)] {
    if result.isRehearsal {
      return [
        (
          "A rehearsal",
          "it has fewer epochs than the study, so it shows how the study is repeated and decides nothing."
        )
      ]
    }
    return [counting, allLabels, fewLabelsSentence].compactMap { $0 }
  }

  private var counting: (title: String, text: String)? {
    guard let even = mean(.transfer, .even), let odd = mean(.transfer, .odd) else { return nil }
    let own =
      "on the target's own test images the transfer gets \(percent(even)) % (even digits) and \(percent(odd)) % (odd digits)"
    guard result.isStudysData, let evenThen = result.published.accuracy(of: PaperTask(.transfer, .even)),
      let oddThen = result.published.accuracy(of: PaperTask(.transfer, .odd))
    else { return ("Counted", own + ".") }
    return (
      "What was miscounted",
      "the study's transfer accuracies, \(percent(evenThen)) % and \(percent(oddThen)) %, count the source's test images together with "
        + "the target's, because a counter is never set back to zero. Counted alone, \(own)."
    )
  }

  private var allLabels: (title: String, text: String)? {
    let matched = result.controlComparisons.filter { $0.control == .scratchMatched }
    guard matched.count == Half.allCases.count else { return nil }
    let own = matched.map { "\(signed($0.gain.mean)) points on \($0.target.rawValue) digits" }.joined(separator: ", ")
    let what =
      "the hidden layer stays frozen (it keeps the source's weights), only the last layer learns. Training the whole network from "
      + "scratch for the same time "
    if matched.contains(where: { $0.judged.verdict == .oneSeed }) {
      guard let reference = result.referenceGains else {
        return ("With all labels", "transfer minus scratch is \(own) in this run; one run says nothing of the method.")
      }
      let gains = reference.map { "\(signed($0.mean)) points on \($0.half.rawValue) digits" }.joined(separator: ", ")
      let runs = "(transfer minus scratch: \(gains), \(reference[0].seeds) runs in PyTorch; in this one run \(own))"
      return reference[0].mean < 0
        ? ("With all labels transfer hurts", what + "is better \(runs).")
        : ("With all labels transfer helps", what + "is worse \(runs).")
    }
    let runs = "(transfer minus scratch: \(own); \(result.seeds.count) seeds)"
    if matched.allSatisfy({ $0.judged.verdict == .hurts }) {
      return ("With all labels transfer hurts", what + "is better \(runs).")
    }
    if matched.allSatisfy({ $0.judged.verdict == .helps }) {
      return ("With all labels transfer helps", what + "is worse \(runs).")
    }
    return ("With all labels", "no difference from scratch is shown in both directions \(runs).")
  }

  private var fewLabelsSentence: (title: String, text: String)? {
    guard let first = result.fewLabels.first, result.fewLabels.count == Half.allCases.count else { return nil }
    let gains = result.fewLabels.map { outcome in
      let interval =
        outcome.gain.meanInterval().map { " (95 % confidence interval \(signed($0.low)) to \(signed($0.high)))" } ?? ""
      return "\(signed(outcome.gain.mean)) points on \(outcome.target.rawValue) digits\(interval)"
    }
    let rest =
      "with \(first.labelsPerClass) labelled images per class the transferred network, now fine-tuned, is compared with the same network "
      + "from scratch: \(gains.joined(separator: ", ")), over \(first.gain.count) random choices of the labelled images."
    return (
      fewLabelsHelp ? "With few labels transfer helps" : "With few labels no gain is shown in both directions", rest
    )
  }

  private var glossary: HTML {
    let terms: [(String, String)] = [
      (
        "Transfer",
        "a network trained on one task, the source, is the start for another, the target. Here: even and odd digits."
      ),
      (
        "Frozen",
        "the hidden layer, the body, keeps the source's weights exactly; only the last layer, the head, learns."
      ),
      ("Fine-tuned", "the body learns on as well, from where the source left it."),
      (
        "Matched",
        "the fair comparison: the same network from random weights, trained as long, with the same optimizer and images. "
          + "Transfer helps only if it beats this."
      ),
      ("Random body", "a second control: the head learns on a hidden layer that was never trained."),
      (
        "Pooled, as counted",
        "right answers on the source's and on the target's test images in one sum, as the study's code counts."
      ),
      ("True", "right answers on the target's own test images, in percent."),
    ]
    return HTML(
      "dl", ["class": "glossary"],
      terms.map { HTML("div", [:], [HTML("dt", text: "\($0.0): "), HTML("dd", text: $0.1)]) })
  }

  private var cards: [HTML] {
    func card(_ figure: String, unit: String = "%", _ strong: String, _ rest: String) -> HTML {
      HTML(
        "div", ["class": "card"],
        [
          HTML("p", ["class": "figure"], [.text("\(figure) "), HTML("small", text: unit)]),
          HTML("p", ["class": "what"], [HTML("strong", text: strong), .text(" \(rest)")]),
        ])
    }
    var cards: [HTML] = []
    // The published figure is no measure for a rehearsal.
    if !result.isRehearsal, let cell = result.cell(PaperTask(.transfer, .odd)), let published = cell.published {
      cards.append(
        card(
          percent(cell.accuracy.mean), unit: "%, not \(percent(published))", "transfer to odd digits",
          "counted on odd digits alone; the published figure counts source and target together"))
    }
    if let matched = result.controlComparisons.first(where: { $0.control == .scratchMatched && $0.target == .odd }) {
      cards.append(
        card(
          signed(matched.gain.mean), unit: "points", "frozen transfer on all labels",
          "minus the matched training from scratch, odd digits"))
    }
    if let random = result.controlComparisons.first(where: { $0.control == .randomFrozen && $0.target == .odd }) {
      cards.append(
        card(
          signed(random.gain.mean), unit: "points", "what the source's features are worth",
          "over a hidden layer that was never trained, odd digits"))
    }
    if let few = result.fewLabels.first(where: { $0.target == .odd }) {
      cards.append(
        card(
          signed(few.gain.mean), unit: "points",
          "fine-tuned transfer with \(few.labelsPerClass) labels per class",
          "minus scratch, odd digits, \(few.gain.count) draws"))
    }
    let verdicts = result.cells.compactMap(\.verdict)
    if !verdicts.isEmpty {
      cards.append(
        card(
          "\(verdicts.count { $0 == .reproduced }) of \(verdicts.count)", unit: "", "figures of the table reproduced,",
          "counted on the target's own test images"))
    }
    return cards
  }

  /// A chart of every available figure for a transfer, on one axis.
  private func comparison(width: Double) -> SVGDocument {
    let groups = Half.allCases.map { target -> DotChart.Group in
      let task = PaperTask(.transfer, target)
      var rows: [DotChart.Row] = []
      if result.isStudysData {
        if let published = result.published.accuracy(of: task) {
          rows.append(.init("published, pooled", published, color: .series(1), isHollow: true))
        }
        for publication in PublishedPaper.Publication.allCases {
          if let matrix = result.published.matrix(of: task, in: publication) {
            rows.append(
              .init(
                "the \(publication.rawValue)'s matrix", matrix.accuracy.percent, color: .series(1), isHollow: true))
          }
        }
      }
      func own(_ name: String, _ sample: Sample, _ wilson: Interval?, _ color: ColorRole) -> DotChart.Row {
        let interval = sample.meanInterval() ?? wilson
        return .init(name, sample.mean, interval: interval.map { $0.low...$0.high }, color: color)
      }
      if let cell = result.cell(task) {
        if let pooled = cell.pooled { rows.append(own("ours, pooled", pooled, nil, .series(0))) }
        rows.append(own("ours, true", cell.accuracy, cell.wilson, .series(0)))
      }
      for (system, name) in [(PaperSystem.scratchMatched, "from scratch, matched"), (.randomFrozen, "random body")] {
        if let cell = result.cell(PaperTask(system, target)) {
          rows.append(own(name, cell.accuracy, cell.wilson, .series(2)))
        }
      }
      return DotChart.Group("\(target.other.rawValue) → \(target.rawValue)", rows)
    }
    let over = result.seeds.count > 1 ? "over \(result.seeds.count) seeds" : "over test images"
    return DotChart(
      title: "Transfer learning: what was counted decides what is seen",
      subtitle: "rings: the study's figures; dots: ours, with 95 % intervals \(over)",
      axis: Axis("test accuracy / %"), groups: groups.filter { !$0.rows.isEmpty }, width: width,
      text: percent
    ).document()
  }

  /// Whether transfer is shown to win with few labels, in both directions.
  private var fewLabelsHelp: Bool { result.fewLabels.allSatisfy { ($0.gain.meanInterval()?.low ?? 0) > 0 } }

  /// A chart of accuracy with ten labels per class, from scratch and transferred; empty if it was not run.
  private var fewLabels: [HTML] {
    guard let first = result.fewLabels.first else { return [] }
    func chart(width: Double) -> SVGDocument {
      DotChart(
        title: "\(first.labelsPerClass) labels per class: from scratch and transferred",
        subtitle:
          "means of \(first.gain.count) draws of labelled images with 95 % intervals; one source network for all",
        axis: Axis("test accuracy / %"),
        groups: result.fewLabels.map { outcome in
          func row(_ name: String, _ sample: Sample, _ color: ColorRole) -> DotChart.Row {
            .init(name, sample.mean, interval: sample.meanInterval().map { $0.low...$0.high }, color: color)
          }
          return DotChart.Group(
            "\(outcome.target.other.rawValue) → \(outcome.target.rawValue), gain \(signed(outcome.gain.mean)) points",
            [
              row("from scratch", outcome.scratch, .series(2)),
              row("transferred, fine-tuned", outcome.transfer, .series(0)),
            ])
        }, width: width, text: percent
      ).document()
    }
    return [HTML("h3", text: fewLabelsHelp ? "With few labels, fine-tuned transfer wins" : "With few labels")]
      + HTML.picture(wide: chart(width: 720), narrow: chart(width: 400))
  }
}
