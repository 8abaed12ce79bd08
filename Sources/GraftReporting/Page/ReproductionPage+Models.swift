import GraftCharts
import GraftData
import GraftDocuments
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftReproduction
import GraftStatistics
import GraftTraining
import GraftWorkbench

/// The sections on the trainings and on the trained models.
extension ReproductionPage {
  // MARK: - Curves

  var losses: Page.Section {
    let charts = PaperSystem.allCases.compactMap { system -> HTML? in
      let cells = Half.allCases.compactMap { result.cell(PaperTask(system, $0)) }
      guard !cells.isEmpty else { return nil }
      let series = cells.flatMap { cell -> [Series] in
        let half = cell.task.target.rawValue
        let color = ColorRole.series(cell.task.target == .even ? 0 : 1)
        return [
          course("\(half), test", cell.runs.map { $0.history.map(\.testLoss) }, color, dashed: false),
          course("\(half), training", cell.runs.map { $0.history.map(\.trainLoss) }, color, dashed: true),
        ]
      }
      let chart = LineChart(
        title: system.title.prefix(1).uppercased() + system.title.dropFirst(),
        subtitle: cells.first.map(subtitle) ?? "",
        xAxis: Axis("epoch"), yAxis: Axis("cross-entropy loss"), series: series)
      return PageChart(chart: chart, offersLogarithm: true, switches: series.map(\.name)).html
    }
    return Page.Section(
      "losses", "Loss curves",
      [
        HTML(
          "p",
          text:
            "Training loss is the mean of an epoch's batch losses, each before its update; test loss the mean over test batches. "
            + "Move over a chart, or give it the focus and press the arrow keys, to read values off."
        ), HTML("div", ["class": "charts"], charts),
      ])
  }

  private func subtitle(_ cell: ReproductionCell) -> String {
    let epochs = "\(cell.runs.first?.history.count ?? 0) epochs"
    let transfer = cell.task.source == nil ? "" : "; a line is named for its target"
    return (result.banner == nil ? "" : "not the study's data; ") + epochs + transfer
      + (result.seeds.count > 1 ? "; mean and range of \(result.seeds.count) seeds" : "")
  }

  private func course(_ name: String, _ runs: [[Double]], _ color: ColorRole, dashed: Bool) -> Series {
    let epochs = runs.map(\.count).min() ?? 0
    let places = (0..<epochs).map { epoch in (x: Double(epoch + 1), values: runs.map { $0[epoch] }) }
    return Series(
      name, points: places.map { ($0.x, Sample($0.values).mean) },
      band: runs.count < 2
        ? []
        : places.map { .init(x: $0.x, low: $0.values.min() ?? .nan, high: $0.values.max() ?? .nan) },
      color: color, dashed: dashed)
  }

  // MARK: - Answers

  func matrices(_ assets: inout PageAssets) -> Page.Section? {
    let figures = (reported + result.controls.map(\.task)).compactMap { task -> HTML? in
      guard let (_, answers) = models[task] else { return nil }
      return PageMatrix(title: name(task), answers, also: task.target.selection.classes).html(
        showing: test, in: &assets)
    }
    if figures.isEmpty { return nil }
    return Page.Section(
      "confusion", "Confusion matrices",
      [
        HTML(
          "p",
          text:
            "Rows are true digits, columns answers; \(seedWords). Press a cell to see its images. Right answers are blue by their "
            + "share of the row, errors orange relative to the most frequent one."
        ), HTML("div", ["class": "matrices"], figures),
      ])
  }

  private var seedWords: String { result.seeds.count > 1 ? "the first seed's models" : "on test images" }

  var classes: Page.Section? {
    let tasks = reported.filter { models[$0] != nil }
    if tasks.isEmpty { return nil }
    let charts = Half.allCases.compactMap { half -> HTML? in
      let shown = [PaperSystem.softmax, .network, .transfer].compactMap { system -> BarChart.Bars? in
        models[PaperTask(system, half)].map { _, answers in
          BarChart.Bars(
            system.title, answers.missed(half.selection.classes))
        }
      }
      if shown.isEmpty { return nil }
      let chart = BarChart(
        title: "Digits that were missed: \(result.title(of: half))",
        categories: half.selection.classes.map(String.init),
        categoryTitle: "true digit", yAxis: Axis("wrong answers / %"), bars: shown, size: (460, 320))
      return HTML("figure", [:], [.picture(chart.document())])
    }
    let tables = tasks.compactMap { task -> HTML? in
      guard let (_, answers) = models[task] else { return nil }
      return HTML(
        "details", [:],
        [
          HTML("summary", text: name(task)),
          .table(answers.metricsTable(also: task.target.selection.classes), caption: name(task)),
        ])
    }
    return Page.Section(
      "classes", "Class by class", [HTML("div", ["class": "charts"], charts)] + tables)
  }

  var mistakes: Page.Section? {
    let tasks = reported.reversed().filter { models[$0] != nil }
    if tasks.isEmpty { return nil }
    let galleries = tasks.enumerated().compactMap { index, task -> HTML? in
      models[task].map { _, answers in
        PageGallery.html(title: name(task), answers, limit: 18, isOpen: index == 0, of: test)
      }
    }
    return Page.Section(
      "mistakes", "Mistakes, the surest first",
      [
        HTML(
          "p",
          text: "true digit → answer, with the model's probabilities for both, and the image's place in the test file.")
      ] + galleries)
  }

  // MARK: - Weights

  /// The section on the first-layer weights: the hidden units with the largest weights in the transferred head, before and after
  /// the transfer, and the templates of softmax regression.
  var weights: Page.Section? {
    var figures: [HTML] = []
    var isFrozen = true
    for target in Half.allCases {
      guard let (source, _) = models[PaperTask(.network, target.other)],
        let (transferred, _) = models[PaperTask(.transfer, target)]
      else { continue }
      let units = FirstLayerTiles.strongest(24, in: transferred.model)
      let (before, after) = (FirstLayerTiles(source.model), FirstLayerTiles(transferred.model))
      isFrozen = isFrozen && before.weights == after.weights
      let way = "\(target.other.rawValue) → \(target.rawValue)"
      figures.append(before.html("Before: the network on \(target.other.rawValue) digits", way, units))
      figures.append(after.html("After the transfer, \(way)", "the same 24 units", units))
    }
    for half in Half.allCases {
      guard let (softmax, _) = models[PaperTask(.softmax, half)] else { continue }
      let tiles = FirstLayerTiles(softmax.model)
      let outputs = half.selection.classes.compactMap { softmax.outputs.classes.firstIndex(of: $0) }
      figures.append(
        tiles.html(
          "Softmax regression on \(half.rawValue) digits", "one template a digit", outputs,
          names: outputs.map { softmax.outputs.names[$0] }))
    }
    if figures.isEmpty { return nil }
    let frozen =
      isFrozen
      ? "Frozen means frozen: before and after, every one of the hidden layer's weights has the same bits. Only the head moved."
      : "The hidden layer's weights are not the same before and after."
    return Page.Section(
      "weights", "First-layer weights",
      [
        HTML(
          "p",
          text:
            "Each picture is one hidden unit's \(test.dataset.shape.height)×\(test.dataset.shape.width) weights: blue where ink excites it, vermilion where ink inhibits it. Shown are "
            + "the 24 units whose weights in the transferred head are largest. \(frozen)"
        ), HTML("div", ["class": "tiles"], figures),
      ])
  }

  // MARK: - Drawing

  func drawing(_ assets: inout PageAssets) -> Page.Section? {
    let tasks = reported.filter { models[$0] != nil }
    func trio(_ name: String, _ members: [(role: String, task: PaperTask)]) -> PageAssets.Trio {
      PageAssets.Trio(
        name: name,
        members: members.compactMap { member in
          tasks.firstIndex(of: member.task).map { (role: member.role, model: $0) }
        })
    }
    let transfers = [Half.odd, .even].map { target in
      trio(
        "transfer \(target.other.rawValue) → \(target.rawValue)",
        [
          ("source", PaperTask(.network, target.other)), ("transferred", PaperTask(.transfer, target)),
          ("scratch, as published", PaperTask(.network, target)),
        ])
    }
    let softmax = trio("softmax regression", Half.allCases.map { ($0.rawValue, PaperTask(.softmax, $0)) })
    let drawing = PageDrawing(
      models: tasks.compactMap { task in models[task].map { (name: name(task), checkpoint: $0.checkpoint) } },
      trios: transfers + [softmax],
      remarks: [
        "A model knows only the digits of its half: the source answers even digits to everything when it was trained on even ones. "
          + "The transferred model has the source's hidden layer, so the same hidden units fire in both."
      ])
    return drawing.section(of: test, threads: threads, in: &assets)
  }
}
