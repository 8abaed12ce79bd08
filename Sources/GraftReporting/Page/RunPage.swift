import GraftCharts
import GraftData
import GraftDocuments
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftStatistics
import GraftTraining
import GraftWorkbench

/// The page of one training: its answers, its course, its weights and layers, and the model to draw for.
package struct RunPage {
  /// The title, which may come from a user, as may all properties here.
  package let title: String
  let test: PageTestImages?
  let answers: PageAnswers?
  /// The classes on which the model was measured.
  let classes: [Int]
  /// The checkpoint; nil if the run has no file.
  package var checkpoint: Checkpoint?
  /// The model that the training started from, if it is known.
  package var source: (name: String, checkpoint: Checkpoint)?
  /// The records of the epochs; empty if nobody kept them.
  package var history: [EpochRecord] = []
  /// The accuracies on the test images during training; empty if nobody kept them.
  var points: [TrialOutcome.Point] = []
  /// The verdict on a transfer against its control in words, one finding a line; nil takes the checkpoint's verdict.
  package var verdict: String?
  /// The facts by name and value.
  package var facts: [(name: String, value: String)] = []
  var threads = 1

  /// A page from a checkpoint and its test images.
  ///
  /// - Parameters:
  ///   - test: All test images.
  ///   - classes: The classes among them on which the model is measured.
  package init(title: String, _ checkpoint: Checkpoint, test: Dataset, classes: [Int], threads: Int) throws {
    let images = PageTestImages(dataset: test)
    answers = try images.answers(of: checkpoint, classes: classes, threads: threads)
    (self.title, self.checkpoint, self.classes, self.threads) = (title, checkpoint, classes, threads)
    self.test = images
  }

  /// A page of a run whose answers a store has kept.
  ///
  /// - Parameter test: All test images of its data, if they are there; they are shown only if the run was measured on them.
  package init(_ record: TrialRecord, testSet: TestSet?, test: Dataset?) {
    let (trial, outcome) = (record.trial, record.outcome)
    title = "\(trial.method) on \(trial.target)"
    points = outcome.history
    var images: PageTestImages?
    var answers: PageAnswers?
    var classes: [Int] = []
    // A model may have outputs for classes that its test images lack; such answers have no known name.
    if let testSet, testSet.labels.count == outcome.answers.count, !outcome.answers.isEmpty,
      (testSet.labels + outcome.answers).allSatisfy(testSet.classNames.indices.contains)
    {
      classes = Array(Set(testSet.labels)).sorted()
      let outputs = ClassOutputs(
        classes: Array(testSet.classNames.indices), names: testSet.classNames, trained: classes)
      let all = test.map(PageTestImages.init)
      if let all, let test, test.selecting(images: all.numbers(of: classes)).digest == testSet.digest { images = all }
      answers = PageAnswers(
        numbers: images?.numbers(of: classes) ?? Array(outcome.answers.indices), truths: testSet.labels,
        predictions: outcome.answers, outputs: outputs)
    }
    (self.test, self.answers, self.classes) = (images, answers, classes)
    facts =
      [
        ("run", trial.id), ("kind", trial.kind.rawValue), ("source", trial.source ?? "none"), ("target", trial.target),
        ("method", trial.method), ("labels per class", StudyWords.labels(trial.share)), ("seed", "\(trial.seed)"),
        ("seconds of training", decimals(outcome.seconds, 2)), ("finished", timeText(record.created)),
        ("graft", record.version), ("machine", record.machine),
        ("checkpoint SHA-256", outcome.checkpointDigest ?? "not kept"), ("test images SHA-256", trial.testDigest),
      ] + JSON.object(trial.identity).leaves.map { ($0.key, $0.value) }
  }

  /// The known facts about a checkpoint.
  package static func facts(
    of checkpoint: Checkpoint, path: String, digest: String
  ) -> [(name: String, value: String)] {
    [("checkpoint", path), ("SHA-256", digest)]
      + JSON.object(checkpoint.record).leaves.filter { $0.key != TrainedModel.verdictKey }.map { ($0.key, $0.value) }
  }

  package var page: Page {
    var page = Page(title: title, subtitle: subtitle, banner: banner)
    page.lead = lead
    page.sections = [
      drawing(&page.assets), curves, matrix(&page.assets), perClass, mistakes, attention, weights, model, settings,
    ].compactMap { $0 }
    return page
  }

  // MARK: - In short

  private var subtitle: String {
    let images = answers.map { "\(grouped($0.numbers.count)) test images" }
    return [checkpoint.map { $0.model.architecture.description }, images].compactMap { $0 }.joined(separator: "; ")
  }

  private var banner: String? {
    guard
      test?.dataset.name == "synthetic"
        || facts.contains(where: { $0.name == "target" && StudyResult.isSynthetic($0.value) })
    else { return nil }
    return "BUILT-IN SYNTHETIC DIGITS, NOT MNIST"
  }

  private var lead: [HTML] {
    guard let confusion = answers?.confusion else { return [] }
    let interval = Interval.wilson(successes: confusion.correct, trials: confusion.count)
    let sentence =
      "\(percent(confusion.accuracy.percent)) % of \(grouped(confusion.count)) test images are answered rightly (95 % interval over "
      + "images \(percent(100 * interval.low)) to \(percent(100 * interval.high)))."
    let told = (verdict ?? checkpoint?.record[TrainedModel.verdictKey]?.string)?.split(separator: "\n") ?? []
    return [origin.map { HTML("p", text: $0) }, HTML("p", ["class": "headline"], text: sentence)].compactMap { $0 }
      + told.map { HTML("p", text: "\($0.prefix(1).uppercased())\($0.dropFirst()).") }
  }

  /// A sentence on what the model knows and how it was made; nil without a checkpoint.
  private var origin: String? {
    guard let checkpoint else { return nil }
    let record = checkpoint.record
    let outputs = checkpoint.outputs
    let names = outputs.trained.compactMap { label in outputs.classes.firstIndex(of: label).map { outputs.names[$0] } }
    var text = "The model tells apart \(StudyWords.list(names))"
    if let data = record["data"]?.string { text += " (\(singleLine(data)))" }
    text += ". It was "
    if let task = record["task"]?.string {
      text += "trained by graft reproduce (\(task))"
    } else if let method = record["method"]?.string, method != "scratch" {
      text += "transferred from \(source.map { singleLine($0.name) } ?? "a source checkpoint") by the method \(method)"
      if let digest = record["source_sha256"]?.string, source == nil { text += " (SHA-256 \(digest.prefix(12))…)" }
    } else {
      text += "trained from fresh weights"
    }
    if let images = record["train_images"]?.int { text += " on \(grouped(images)) labelled images" }
    if let epochs = record["epochs"]?.int { text += ", \(grouped(epochs)) \(epochs == 1 ? "epoch" : "epochs")" }
    if record["head"]?.string == "solved" { text += ", its head computed to the optimum" }
    if let seed = record["seed"]?.int { text += ", seed \(seed)" }
    return text + "."
  }

  // MARK: - Sections

  private func drawing(_ assets: inout PageAssets) -> Page.Section? {
    guard let checkpoint, let test else { return nil }
    let models = (source.map { [$0] } ?? []) + [(name: title, checkpoint: checkpoint)]
    let roles = source == nil ? ["this model"] : ["source", "transferred"]
    let trio = PageAssets.Trio(name: title, members: roles.enumerated().map { (role: $0.element, model: $0.offset) })
    return PageDrawing(models: models, trios: [trio]).section(of: test, threads: threads, in: &assets)
  }

  private var curves: Page.Section? {
    var charts: [HTML] = []
    if history.count > 1 {
      var series = [Series("training", values: history.map(\.trainLoss))]
      if history.contains(where: { $0.heldOut != nil }) {
        series.append(Series("validation", values: history.map(\.testLoss)))
      }
      let chart = LineChart(
        title: "Loss", subtitle: "\(history.count) epochs", xAxis: Axis("epoch"), yAxis: Axis("cross-entropy loss"),
        series: series)
      charts.append(PageChart(chart: chart, offersLogarithm: true, switches: series.map(\.name)).html)
      let accuracies = history.compactMap { epoch in
        epoch.heldOut.map { (x: Double(epoch.epoch), y: 100 * Double($0.correct) / Double(max($0.images, 1))) }
      }
      if accuracies.count > 1 {
        charts.append(
          PageChart(
            chart: LineChart(
              title: "Accuracy on validation images", xAxis: Axis("epoch"), yAxis: Axis("accuracy / %"),
              series: [Series("validation", points: accuracies)])
          ).html)
      }
    }
    if points.count > 1, let images = answers?.numbers.count {
      charts.append(
        PageChart(
          chart: LineChart(
            title: "Accuracy on the way", subtitle: "nothing was chosen by it", xAxis: Axis("epoch"),
            yAxis: Axis("accuracy on test images / %"),
            series: [
              Series(
                "accuracy",
                points: points.map { (Double($0.epoch), 100 * Double($0.correct) / Double(max(images, 1))) })
            ])
        ).html)
    }
    return charts.isEmpty
      ? nil : Page.Section("curves", "How it got there", [HTML("div", ["class": "charts"], charts)])
  }

  private func matrix(_ assets: inout PageAssets) -> Page.Section? {
    guard let answers else { return nil }
    let matrix = PageMatrix(title: title, answers, also: classes)
    let figure = test.map { matrix.html(showing: $0, in: &assets) } ?? matrix.html
    let hint = test == nil ? "" : " Press a cell to see its images."
    return Page.Section(
      "confusion", "Confusion matrix",
      [
        HTML("p", text: "Rows are true classes, columns answers.\(hint)"),
        HTML("div", ["class": "matrices single"], [figure]),
      ])
  }

  private var perClass: Page.Section? {
    guard let answers else { return nil }
    let chart = BarChart(
      title: "Images that were missed",
      categories: classes.map { label in
        answers.outputs.classes.firstIndex(of: label).map { answers.outputs.names[$0] } ?? ""
      },
      categoryTitle: "true class", yAxis: Axis("wrong answers / %"),
      bars: [.init("missed", answers.missed(classes))],
      size: (460, 320))
    return Page.Section(
      "classes", "Class by class",
      [
        HTML("div", ["class": "charts"], [HTML("figure", [:], [.picture(chart.document())])]),
        .table(answers.metricsTable(also: classes)),
      ])
  }

  private var mistakes: Page.Section? {
    guard let answers, let test else { return nil }
    return Page.Section(
      "mistakes", checkpoint == nil ? "Mistakes" : "Mistakes, the surest first",
      [PageGallery.html(title: title, answers, limit: 36, isOpen: true, of: test)])
  }

  /// The pictures of the section about where the model looked.
  private static let looks = 12

  /// Some test images, evenly from all of them, with the positions of the last feature maps that speak for the answer.
  private var attention: Page.Section? {
    guard let checkpoint, let answers, let test, test.dataset.shape == checkpoint.model.inputShape else { return nil }
    let count = min(Self.looks, answers.numbers.count)
    let rows = (0..<count).map { $0 * answers.numbers.count / count }
    let images = rows.map { (pixels: Array(test.dataset.image(answers.numbers[$0])), output: answers.predictions[$0]) }
    guard let found = ClassActivations.each(of: images, by: checkpoint), !found.isEmpty else { return nil }
    let pictures = zip(rows, zip(images, found)).map { row, look in
      PageGallery.look(
        at: answers.numbers[row], answers.outputs.names[answers.predictions[row]],
        isRight: answers.predictions[row] == answers.truths[row], look.1, of: test)
    }
    return Page.Section(
      "attention", "Where the model looked",
      [
        HTML(
          "p",
          text:
            "Bright places of a picture hold the evidence for the answer: the head's weights for it, less those of the mean class, times the last feature maps, before they are averaged (class activation map). Pictures are taken evenly from the test images."
        ),
        HTML(
          "div", ["class": test.hasColors ? "gallery smooth" : "gallery"],
          [HTML("div", ["class": "pictures"], pictures)]),
      ])
  }

  private var weights: Page.Section? {
    guard let checkpoint else { return nil }
    let tiles = FirstLayerTiles(checkpoint.model)
    let units = FirstLayerTiles.strongest(24, in: checkpoint.model)
    var figures: [HTML] = []
    var remark = FirstLayerTiles.legend(checkpoint.model)
    if let source, source.checkpoint.model.layers[0].weight.shape == checkpoint.model.layers[0].weight.shape {
      let before = FirstLayerTiles(source.checkpoint.model)
      figures = [
        before.html("Before: the source", source.name, units),
        tiles.html("After the transfer", "the same units", units),
      ]
      remark +=
        before.weights == tiles.weights
        ? " The layer was frozen: before and after, every weight has the same bits." : " The layer was trained on."
    } else {
      figures = [tiles.html("First layer", "\(checkpoint.model.layers[0].name), \(units.count) units", units)]
    }
    return Page.Section(
      "weights", "First-layer weights", [HTML("p", text: remark), HTML("div", ["class": "tiles"], figures)])
  }

  private var model: Page.Section? {
    checkpoint.map { Page.Section("model", "The model, layer by layer", HTML.blocks(ModelSummary($0).document.blocks)) }
  }

  private var settings: Page.Section? {
    if facts.isEmpty { return nil }
    let table = TextTable(
      [.init("setting", .leading), .init("value", .leading)], rows: facts.map { [$0.name, $0.value] })
    return Page.Section("settings", "Settings and hashes", [.table(table)])
  }
}
