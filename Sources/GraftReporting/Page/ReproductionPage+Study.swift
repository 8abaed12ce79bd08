import GraftData
import GraftDocuments
import GraftFiles
import GraftReproduction
import GraftStatistics
import GraftTraining
import GraftWorkbench

/// The sections on the study's published figures and their audit.
extension ReproductionPage {
  func audit(_ assets: inout PageAssets) -> Page.Section? {
    let findings = result.audit
    guard !findings.isEmpty else { return nil }
    var body: [HTML] = []
    for (index, finding) in findings.enumerated() {
      body.append(HTML("h3", text: "\(index + 1). \(finding.title)"))
      if index == 0 { body += counter }
      body.append(HTML("ul", [:], finding.lines.map { HTML("li", [:], HTML.prose($0)) }))
      if index == 1 { body += sideBySide(&assets) }
    }
    return Page.Section("audit", "Audit", body)
  }

  /// An explanation of the study's figure by its counter.
  private var counter: [HTML] {
    let lines: [(String, isMarked: Bool)] = [
      ("class Network:", false),
      ("    def __init__(self):", false),
      ("        self.correct = self.total = 0             # set here, and never again", true),
      ("    def test(self, loader):                       # called on the source, then on the target", false),
      ("        for images, labels in loader:", false),
      ("            self.correct += (self(images).argmax(1) == labels).sum()", false),
      ("            self.total += len(labels)", false),
      ("        return 100 * self.correct / self.total    # so: of both test sets together", true),
    ]
    let code = lines.flatMap { line -> [HTML] in
      [line.isMarked ? HTML("mark", text: line.0) : .text(line.0), .text("\n")]
    }
    var pieces = [
      HTML("p", text: "The study's counter, cut down to what matters:"),
      HTML("pre", ["tabindex": "0", "role": "region", "aria-label": "code"], [HTML("code", [:], code)]),
    ]
    for target in Half.allCases {
      guard let undone = result.published.unpooled(target),
        let pooled = result.published.accuracy(of: PaperTask(.transfer, target)),
        let source = result.published.accuracy(of: PaperTask(.network, target.other))
      else { continue }
      pieces.append(
        HTML(
          "p", ["class": "sum"],
          [
            HTML("strong", text: "\(target.other.rawValue) → \(target.rawValue): "),
            .text(
              "\(grouped(undone.pooledCorrect)) right in all (\(percent(pooled)) % of 10,000) − \(grouped(undone.sourceCorrect)) right on the "
                + "source (\(percent(source)) % of \(grouped(result.published.testImages(of: target.other)))) = "
                + "\(grouped(undone.correct)) of \(grouped(undone.images)) right on the target: "),
            HTML("strong", text: "\(percent(undone.accuracy.percent)) %"),
            .text("\(place(of: undone.accuracy.percent, target)), if the table is one run."),
          ]))
    }
    return pieces
  }

  /// Words on whether an accuracy lies among the reference's true ones.
  private func place(of accuracy: Double, _ target: Half) -> String {
    guard let values = result.reference[PaperTask(.transfer, target)]?.accuracy.values, let low = values.min(),
      let high = values.max()
    else { return "" }
    let word = accuracy >= low && accuracy <= high ? "inside" : "outside"
    return
      ", \(word) the \(percent(low)) to \(percent(high)) of \(values.count) PyTorch runs counted on the target alone"
  }

  /// The study's two sets of matrices beside ours, for the transfers.
  private func sideBySide(_ assets: inout PageAssets) -> [HTML] {
    Half.allCases.flatMap { target -> [HTML] in
      let task = PaperTask(.transfer, target)
      let classes = target.selection.classes
      var figures = PublishedPaper.Publication.allCases.compactMap { publication -> HTML? in
        guard let matrix = result.published.matrix(of: task, in: publication) else { return nil }
        return PageMatrix(
          title: "The \(publication.rawValue)'s",
          subtitle: "\(grouped(matrix.correct)) of \(grouped(matrix.count)) = \(percent(matrix.accuracy.percent)) %",
          counts: matrix.counts, classNames: classes.map(String.init)
        ).html
      }
      if let (_, answers) = models[task] {
        figures.append(
          PageMatrix(title: "Ours", answers, also: classes).html(showing: test, in: &assets))
      }
      guard !figures.isEmpty else { return [] }
      let table = result.published.accuracy(of: task).map { "; its table says \(percent($0)) %" } ?? ""
      return [
        HTML("h3", text: "Confusion matrices of the transfer, \(target.other.rawValue) → \(target.rawValue)\(table)"),
        HTML("div", ["class": "matrices"], figures),
      ]
    }
  }

  var claims: Page.Section? {
    let blocks = TextDocument.claims(result)
    return blocks.isEmpty ? nil : Page.Section("claims", "The study's claims", HTML.blocks(blocks, headings: false))
  }

  /// The summary in the form that reproducibility challenges ask for.
  var summary: Page.Section? {
    guard result.isStudysData else { return nil }
    let verdicts = result.cells.compactMap(\.verdict)
    let transfers = result.cells.filter { $0.task.system == .transfer }
    let reproduced =
      verdicts.isEmpty
      ? (result.isRehearsal ? "A rehearsal with fewer epochs: no figure was judged." : "No figure was judged.")
      : "\(verdicts.count { $0 == .reproduced }) of the table's \(verdicts.count) figures lie in the range that holds 99 of "
        + "100 runs of the recipe, counted on the target's own test images."
    let outside = transfers.filter { $0.verdict == .notReproduced }.map { cell in
      "\(cell.task.target.rawValue) (published \(percent(cell.published ?? .nan)), ours \(percent(cell.accuracy.mean)); counted "
        + "as the study counts \(percent((cell.pooled ?? cell.accuracy).mean)))"
    }
    let parts: [(String, String)] = [
      (
        "Scope",
        "Whether softmax regression, a 784-500-10 network and its frozen transfer between even and odd digits give the "
          + "accuracies of the study's table, and whether its claims about transfer hold."
      ),
      (
        "Method",
        "Written from the published slides, report and code: the same splits, initial weights, batches of 64 and optimizers, "
          + (result.isRehearsal ? "fewer epochs" : "as many epochs")
          + ", \(result.seeds.count == 1 ? "one run" : "\(result.seeds.count) runs") as the study's one; beside it 24 runs in PyTorch as "
          + "reference" + (result.controls.isEmpty ? "." : ", and two controls that the study lacks.")
      ),
      (
        "Results",
        reproduced + (outside.isEmpty ? "" : " Not reproduced: \(outside.joined(separator: "; ")).")
          + (result.negativeTransfer.map { " \($0)." } ?? "")
      ),
      (
        "What was easy",
        "The data is public and has checksums; network and recipe are in the code; all \(result.outcomes.count) trainings took "
          + "\(decimals(result.seconds, 0)) s, so seeds and controls cost little."
      ),
      (
        "What was hard",
        "No seed was fixed, and table, report and repository come from at least three runs. Transfer figures had to be traced to "
          + "a counter that is never reset. The report's second table has no code, and its text and heading name different systems."
      ),
    ]
    return Page.Section(
      "summary", "Reproducibility summary",
      parts.map { HTML("p", [:], [HTML("strong", text: "\($0.0). "), .text($0.1)]) })
  }

  var settings: Page.Section {
    let options = result.options
    var rows = [
      ["graft", options.version], ["data", result.dataName],
      ["SHA-256 of the training images and labels, even", result.trainDigests.even],
      ["SHA-256 of the training images and labels, odd", result.trainDigests.odd],
      ["seeds", options.seeds.map(String.init).joined(separator: ", ")],
      [
        "softmax regression, network",
        "SGD, learning rate 0.001, momentum 0.9, batches of 64, \(options.scratchEpochs) epochs",
      ],
      ["transfer, controls", "Adam, learning rate 0.001, batches of 64, \(options.transferEpochs) epochs"],
      ["trainings at a time", "\(options.threads)"], ["processor", options.machine], ["system", options.system],
      ["seconds in all", decimals(result.seconds, 1)],
    ]
    rows += result.cells.map { cell in
      ["seconds of \(name(cell.task))", decimals(cell.runs.reduce(0) { $0 + $1.seconds }, 1)]
    }
    let files = (result.cells + result.controls).flatMap(\.runs).compactMap { run in
      run.checkpointDigest.map { ["seed-\(run.seed)/\(run.task).safetensors", $0] }
    }
    let table = TextTable([.init("setting", .leading), .init("value", .leading)], rows: rows)
    let hashes = TextTable([.init("checkpoint", .leading), .init("SHA-256", .leading)], rows: files)
    return Page.Section(
      "settings", "Settings, hashes, times",
      [
        .table(table), HTML("details", [:], [HTML("summary", text: "Checkpoints"), .table(hashes)]),
      ])
  }
}
