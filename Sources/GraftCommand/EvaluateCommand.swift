import ArgumentParser
import Foundation
import GraftData
import GraftDocuments
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftReporting
import GraftStatistics
import GraftTraining
import GraftWorkbench

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure a checkpoint on test images.",
    discussion: """
      Prints accuracy with its interval, the expected calibration error, the confusion matrix, precision, recall and F1 of each class, and the most \
      confused pairs.

      --with puts further checkpoints beside the first and averages their probabilities; --tta averages over slightly moved \
      views of each image.

      Examples:
        graft evaluate even.safetensors
        graft evaluate one.safetensors --with two.safetensors three.safetensors --tta 8
        graft evaluate runs/reproduce/seed-0/transfer-even-to-odd.safetensors --classes odd --json
        graft evaluate even.safetensors --out metrics.json
      """)

  @Argument(help: ArgumentHelp("The checkpoint.", valueName: "file"))
  var file: String

  @Option(
    name: .customLong("data"),
    help: ArgumentHelp(
      "A known data set, \(DatasetFormats.titles) (default: what it was trained on).",
      valueName: "name|folder"))
  var dataName: String?

  @Option(help: ArgumentHelp("Classes to measure on (default: those it was trained on).", valueName: "classes"))
  var classes: String?

  @OptionGroup var ensemble: EnsembleOptions

  @Option(help: ArgumentHelp("Also write the measurements to this file, as JSON.", valueName: "file"))
  var out: String?

  @Option(
    help: ArgumentHelp("Also write each image's label, answer and logits to this file, as JSON.", valueName: "file"))
  var predictions: String?

  @OptionGroup var data: DataOptions
  @OptionGroup var common: RunOptions

  func run() throws {
    var files = OutputFiles()
    for path in [file] + ensemble.with { files.reads("the checkpoint", path) }
    try files.writes("--out", out)
    try files.writes("--predictions", predictions)
    for path in [out, predictions].compactMap({ $0 }) { try AtomicFile.checkWritable(path, createFolders: true) }
    let ensemble = try ensemble.ensemble(file)
    let checkpoint = ensemble.members[0]
    let loaded = try data.load(dataName, for: checkpoint, common)
    try checkpoint.checkShape(of: loaded.pair.test, path: file)
    let names = loaded.pair.test.classNames
    let selection =
      try classes.map { try ClassSelection(parsing: $0, of: names) }
      ?? ClassSelection(checkpoint.outputs.trained, of: names.count)
    try loaded.pair.test.requireImages(of: selection.classes, in: "test")
    let test = loaded.pair.test.selecting(selection)
    let unknown = selection.classes.filter { !checkpoint.outputs.trained.contains($0) }
    if !unknown.isEmpty {
      let images = unknown.reduce(0) { $0 + loaded.pair.test.countsPerClass[$1] }
      common.note(
        "warning: the model has never learnt \(unknown.count) of these \(selection.classes.count) classes "
          + "(\(unknown.map(String.init).joined(separator: ", "))): \(grouped(images)) of the \(grouped(test.count)) images"
      )
    }
    let labels = try checkpoint.outputs.outputs(for: test.labels)
    let logits = try named(self.ensemble.path(file)) {
      try ensemble.logits(of: test.rows, threads: common.threads)
    }
    let evaluation = Evaluation(logits: logits, labels: labels)
    let report = EvaluationReport(
      evaluation, reliability: Reliability(logits: logits, labels: labels), outputs: checkpoint.outputs)
    let json = report.json.text(.pretty) + "\n"
    if let predictions {
      let list = PredictionList(
        evaluation, labels: labels, logits: logits,
        outputs: checkpoint.outputs)
      try AtomicFile.write(text: list.json.text() + "\n", to: predictions)
    }
    if let out { try AtomicFile.write(text: json, to: out) }
    Output.write(common.json ? json : report.document.terminal())
  }
}
