import Datasets
import Files
import Networks
import Studies
import Training

/// The page of a reproduction: its tables, the audit, the curves, and the models themselves, to draw for.
///
/// Where there are several seeds, curves and tables are over all of them; matrices, mistakes and models are the first seed's.
package struct ReproductionPage {
  let result: ReproductionResult
  let test: PageTestImages
  /// The first seed's models that were kept, and their answers to the target's test images.
  let models: [StudyTask: (checkpoint: Checkpoint, answers: PageAnswers)]
  let threads: Int

  /// - Parameters:
  ///   - folder: Where the reproduction left its checkpoints.
  ///   - test: All test images of its data.
  /// - Throws: Where a checkpoint is missing or another one, or the test images are not those that were measured.
  package init(_ result: ReproductionResult, folder: String, test: Dataset, threads: Int) throws {
    self.result = result
    self.threads = threads
    let images = PageTestImages(dataset: test)
    self.test = images
    guard test.countsPerClass == result.testCounts else {
      throw GraftFailure(
        .badData, "the test images here are not those of the reproduction in \(folder); name its data with --data-dir")
    }
    var models: [StudyTask: (checkpoint: Checkpoint, answers: PageAnswers)] = [:]
    for run in result.outcomes where run.seed == result.seeds.first {
      guard let digest = run.checkpointDigest else { continue }
      let path = "\(folder)/seed-\(run.seed)/\(run.task).safetensors"
      guard try SHA256Digest.hex(ofFileAt: path) == digest else {
        throw GraftFailure(.badData, "\(path) is not the checkpoint that this reproduction wrote")
      }
      let checkpoint = try Checkpoint(contentsOf: path)
      let answers = try images.answers(of: checkpoint, classes: run.task.target.selection.classes, threads: threads)
      guard answers.predictions == run.predictions else {
        throw GraftFailure(
          .badData, "\(path) answers the test images here otherwise than it did; name its data with --data-dir")
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
    page.sections = [
      Page.Section(
        "results", "Published, pooled, true",
        HTML.blocks(headlineBlocks) + HTML.blocks(TextDocument.controls(result)) + fewLabels)
    ]
    if let drawing = drawing(&page.assets) { page.sections.append(drawing) }
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

  /// The headline with a column that a terminal has no room for: the range by which a figure is judged.
  private var headlineBlocks: [TextDocument.Block] {
    let ranges = result.cells.map { cell in
      cell.verdict == nil ? nil : cell.verdictRange.map { "\(percent($0.range.low)) to \(percent($0.range.high))" }
    }
    return TextDocument.headline(result).map { block in
      guard case .table(var table) = block, table.rows.count == ranges.count, ranges.contains(where: { $0 != nil })
      else {
        return block
      }
      table.columns.insert(.init("99 of 100 runs"), at: table.columns.count - 1)
      for (row, range) in ranges.enumerated() { table.rows[row].insert(range ?? "-", at: table.rows[row].count - 1) }
      return .table(table)
    }
  }

  // MARK: - Words

  func name(_ task: StudyTask) -> String {
    let what = task.system.title
    return task.source.map { "\(what), \($0.rawValue) → \(task.target.rawValue)" } ?? "\(what), \(task.target.rawValue)"
  }

  /// The study's six, in the order of its table.
  var reported: [StudyTask] { result.cells.map(\.task) }

  private func mean(_ system: StudySystem, _ half: Half) -> Double? {
    result.cell(StudyTask(system, half))?.accuracy.mean
  }

  // MARK: - In short

  private var lead: [HTML] {
    var pieces: [HTML] = []
    if result.isStudysData {
      pieces.append(
        HTML(
          "p",
          text:
            "The study (AIMS Senegal, 2024: slides, a report and code) trains on one half of the digits and transfers to the other. "
            + "What it published is a table, and two sets of confusion matrices, one in its report and one in its repository."
        ))
    }
    if let sentence = headline { pieces.append(HTML("p", ["class": "headline"], text: sentence)) }
    let cards = self.cards
    if !cards.isEmpty { pieces.append(HTML("div", ["class": "cards"], cards)) }
    return pieces + HTML.picture(wide: comparison(width: 860), narrow: comparison(width: 400))
  }

  private var headline: String? {
    if result.isRehearsal {
      return "A rehearsal with fewer epochs than the study's: it shows how, and decides nothing."
    }
    guard let even = mean(.transfer, .even), let odd = mean(.transfer, .odd) else { return nil }
    var text = result.isStudysData ? "The study counts its transfer results over two test sets at once. " : ""
    text +=
      "On the target's own test images frozen transfer gets \(percent(even)) % (even digits) and \(percent(odd)) % (odd digits)"
    if let scratchEven = mean(.scratchMatched, .even), let scratchOdd = mean(.scratchMatched, .odd) {
      text +=
        "; the same network trained from scratch as long gets \(percent(scratchEven)) % and \(percent(scratchOdd)) %"
    }
    text += "."
    if result.fewLabels.count == 2, fewLabelsHelp {
      text +=
        " With \(result.fewLabels[0].labelsPerClass) labels per class, transfer that is fine-tuned wins by "
        + result.fewLabels.map { percent($0.gain.mean) }.joined(separator: " and ") + " points."
    }
    return text
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
    // Of a rehearsal's figure the published one is no measure.
    if !result.isRehearsal, let cell = result.cell(StudyTask(.transfer, .odd)), let published = cell.published {
      cards.append(
        card(
          percent(cell.accuracy.mean), unit: "%, not \(percent(published))", "transfer to odd digits",
          "counted on odd digits alone; the published figure counts source and target together"))
    }
    if let matched = result.controlComparisons.first(where: { $0.control == .scratchMatched && $0.target == .odd }) {
      cards.append(
        card(
          signedPoints(matched.gain.mean), unit: "points", "frozen transfer on all labels",
          "minus the matched training from scratch, odd digits"))
    }
    if let random = result.controlComparisons.first(where: { $0.control == .randomFrozen && $0.target == .odd }) {
      cards.append(
        card(
          signedPoints(random.gain.mean), unit: "points", "what the source's features are worth",
          "over a hidden layer that was never trained, odd digits"))
    }
    if let few = result.fewLabels.first(where: { $0.target == .odd }) {
      cards.append(
        card(
          signedPoints(few.gain.mean), unit: "points",
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

  /// With a sign, and a minus as wide as a plus.
  private func signedPoints(_ value: Double) -> String {
    (value < 0 ? NumberText.minus : "+") + percent(abs(value))
  }

  /// Every figure that there is for a transfer, on one axis.
  private func comparison(width: Double) -> SVGDocument {
    let groups = Half.allCases.map { target -> DotChart.Group in
      let task = StudyTask(.transfer, target)
      var rows: [DotChart.Row] = []
      if result.isStudysData {
        if let published = result.published.accuracy(of: task) {
          rows.append(.init("published, pooled", published, color: .series(1), isHollow: true))
        }
        for publication in PublishedStudy.Publication.allCases {
          if let matrix = result.published.matrix(of: task, in: publication) {
            rows.append(
              .init(
                "the \(publication.rawValue)'s matrix", matrix.percentCorrect, color: .series(1), isHollow: true))
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
      for (system, name) in [(StudySystem.scratchMatched, "from scratch, matched"), (.randomFrozen, "random body")] {
        if let cell = result.cell(StudyTask(system, target)) {
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

  /// Ten labels per class, from scratch and transferred; where it was run.
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
            "\(outcome.target.other.rawValue) → \(outcome.target.rawValue), gain \(signedPoints(outcome.gain.mean)) points",
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
