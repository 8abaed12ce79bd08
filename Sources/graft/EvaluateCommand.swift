import ArgumentParser
import Datasets
import Files
import Foundation
import Matrices
import Networks
import Reporting
import Studies
import Training

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure a checkpoint on test images.",
    discussion: """
      Prints accuracy with its interval, the expected calibration error, the confusion matrix, precision, recall and F1 of each class, and the most \
      confused pairs.

      Examples:
        graft evaluate even.safetensors
        graft evaluate runs/reproduce/seed-0/transfer-even-to-odd.safetensors --classes odd --json
        graft evaluate even.safetensors --out metrics.json
      """)

  @Argument(help: ArgumentHelp("The checkpoint.", valueName: "file"))
  var file: String

  @Option(
    name: .customLong("data"),
    help: ArgumentHelp(
      "A known data set, or a folder with four IDX files (default: what it was trained on).", valueName: "name|folder"))
  var dataName: String?

  @Option(help: ArgumentHelp("Classes to measure on (default: those it was trained on).", valueName: "classes"))
  var classes: String?

  @Option(help: ArgumentHelp("Also write the measurements to this file, as JSON.", valueName: "file"))
  var out: String?

  @Option(
    help: ArgumentHelp("Also write each image's label, answer and logits to this file, as JSON.", valueName: "file"))
  var predictions: String?

  @OptionGroup var data: DataOptions
  @OptionGroup var common: RunOptions

  func run() throws {
    guard out != file, predictions != file, out == nil || out != predictions else {
      throw GraftFailure(.usage, "the checkpoint, --out and --predictions must be three files")
    }
    let checkpoint = try Checkpoint(contentsOf: file)
    let loaded = try data.load(dataName, for: checkpoint, common)
    try checkpoint.checkShape(of: loaded.pair.test, path: file)
    let trained = checkpoint.outputs.trained.map(String.init).joined(separator: ",")
    let selection = try ClassSelection(parsing: classes ?? trained, of: loaded.pair.test.classNames.count)
    try loaded.pair.test.requireImages(of: selection.classes, in: "test")
    let examples = try Examples(
      loaded.pair.test.selecting(selection), outputs: checkpoint.outputs, normalization: checkpoint.normalization)
    var evaluator = Evaluator(examples, for: checkpoint.model, team: Team(size: common.threads))
    let evaluation = evaluator.evaluate(checkpoint.model)
    let logits = evaluator.logits(of: checkpoint.model)
    let report = EvaluationReport(
      evaluation, reliability: Reliability(logits: logits, labels: examples.labels), outputs: checkpoint.outputs)
    let json = report.json.text(.pretty) + "\n"
    if let predictions {
      let list = PredictionList(
        evaluation, labels: examples.labels, logits: logits,
        outputs: checkpoint.outputs)
      try AtomicFile.write(text: list.json.text() + "\n", to: predictions)
    }
    if let out { try AtomicFile.write(text: json, to: out) }
    Output.write(common.json ? json : report.document.terminal())
  }
}
