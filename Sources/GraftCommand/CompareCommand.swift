import ArgumentParser
import Foundation
import GraftData
import GraftDocuments
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftReporting
import GraftRunStorage
import GraftStatistics
import GraftTraining
import GraftWorkbench

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compare two runs on the same test images.",
    discussion: """
      A run is a checkpoint, or the beginning of an id as `graft runs list` prints it. Prints the settings that differ, the \
      exact McNemar test, the images that one gets right and the other does not, and of two checkpoints how alike their \
      hidden layers are (linear CKA).

      Examples:
        graft compare first.safetensors second.safetensors
        graft compare 3fa9 81c0 --store runs/graft.sqlite --json
      """)

  @Argument(help: ArgumentHelp("A checkpoint, or an id of at least four digits.", valueName: "run"))
  var first: String

  @Argument(help: ArgumentHelp("The other one.", valueName: "run"))
  var second: String

  @Option(
    name: .customLong("data"),
    help: ArgumentHelp("Data to measure checkpoints on (default: what they were trained on).", valueName: "name|folder")
  )
  var dataName: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Flipped images to list, 0 to 100000.", valueName: "n"),
    transform: wholeNumber(0...100_000))
  var limit: Int = 20

  @OptionGroup var storage: StoreOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var common: RunOptions

  func run() throws {
    let first = try find(first)
    let second = try find(second)
    guard let testSet = first.testSet ?? second.testSet else {
      throw GraftFailure(.badData, "\(storage.store): the labels of the test images of \(self.first) are missing")
    }
    var comparison = try RunComparison(first.run, second.run, on: testSet)
    if let one = first.measured, let other = second.measured {
      comparison.layers = LayerSimilarities(one.checkpoint, other.checkpoint, on: one.data)
    }
    Output.write(
      common.json ? comparison.json.text(.pretty) + "\n" : TextDocument(comparison, limit: limit).terminal())
  }

  private struct Found {
    let run: ComparedRun
    let testSet: TestSet?
    /// A checkpoint, with the test images on which it was measured.
    var measured: (checkpoint: Checkpoint, data: Dataset)?
  }

  private func find(_ name: String) throws -> Found {
    if FileManager.default.fileExists(atPath: name) { return try measure(name) }
    guard name.count >= 4, name.allSatisfy(\.isHexDigit) else {
      throw GraftFailure(.missingInput, "\(name): neither a checkpoint nor the id of a run")
    }
    let runs = try RunStore(path: storage.store, access: .readOnly)
    let record = try runs.record(withIDPrefix: name)
    guard !record.outcome.answers.isEmpty else {
      throw GraftFailure(.usage, "\(name): a \(record.trial.kind.rawValue) has no answers on test images to compare")
    }
    return Found(run: ComparedRun(record), testSet: try runs.testSet(of: record))
  }

  /// Measures a checkpoint on the test images of the classes on which it was trained.
  private func measure(_ path: String) throws -> Found {
    let checkpoint = try Checkpoint(contentsOf: path)
    let pair = try data.load(dataName, for: checkpoint, common).pair
    try checkpoint.checkShape(of: pair.test, path: path)
    let classes = checkpoint.outputs.trained.map(String.init).joined(separator: ",")
    let domain = try StudyDomain(
      pair, selecting: ClassSelection(parsing: classes, of: pair.test.classNames))
    let examples = try Examples(
      domain.data.test, outputs: checkpoint.outputs, normalization: checkpoint.normalization)
    var evaluator = Evaluator(examples, for: checkpoint.model, team: Team(size: common.threads))
    let evaluation = try named(path) { try evaluator.evaluate(checkpoint.model).checkingOutputs() }
    let answers = evaluation.predictions.map { checkpoint.outputs.classes[$0] }
    return Found(
      run: ComparedRun(name: path, settings: checkpoint.record, testDigest: domain.testDigest, answers: answers),
      testSet: domain.testSet, measured: (checkpoint, domain.data.test))
  }
}
