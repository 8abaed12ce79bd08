import ArgumentParser
import Datasets
import Files
import Foundation
import Networks
import Reporting
import Training

struct TransferCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transfer",
    abstract: "Move a trained body to other classes.",
    discussion: """
      frozen holds the body and trains the head; scratch trains the same network from fresh weights, as the matched \
      control. Without settings it follows the study's transfer: a new Adam, learning rate 0.001, 30 epochs.

      Examples:
        graft transfer --from even.safetensors --classes odd --out odd.safetensors
        graft transfer --from even.safetensors --classes odd --method scratch --out control.safetensors
        graft transfer --from even.safetensors --classes 1,3 --head reset --per-class 10 --out few.safetensors
      """)

  @Option(help: ArgumentHelp("The source's checkpoint.", valueName: "file"))
  var from: String

  @Option(
    name: .customLong("data"),
    help: ArgumentHelp("A known data set, or a folder with four IDX files.", valueName: "name|folder"))
  var dataName = "mnist"

  @Option(help: ArgumentHelp("The target's classes: even, odd, all, a list or a range.", valueName: "classes"))
  var classes: String

  @Option(help: ArgumentHelp("How the source is used.", valueName: "frozen|scratch"))
  var method: TransferMethod = .frozen

  @Option(
    help: ArgumentHelp(
      "keep the trained head or start a new one (default: keep where it fits).", valueName: "keep|reset"))
  var head: HeadPolicy?

  @Option(help: ArgumentHelp("The checkpoint to write.", valueName: "file"))
  var out: String

  @OptionGroup var training: TrainingOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var common: RunOptions

  func run() throws {
    let source = try Checkpoint(contentsOf: from)
    let loaded = try data.load(dataName, isQuiet: common.quiet)
    try source.checkShape(of: loaded.pair.train, path: from)
    let classNames = loaded.pair.train.classNames
    let selection = try ClassSelection(parsing: classes, of: classNames.count)
    let settings = training.settings(over: .studyTransfer(seed: training.seed))
    var (model, outputs) = try source.adapted(
      to: selection.classes, of: classNames, head: head, seed: settings.seed)
    switch method {
    case .frozen:
      guard model.linearLayerCount > 1 else {
        throw GraftFailure(.usage, "\(from): a \(model.architecture) model has no body to freeze")
      }
      model.freezeBody()
    case .scratch:
      model = Model(
        model.architecture, inputShape: model.inputShape, classCount: outputs.count, seed: settings.seed)
    }
    let job = TrainingJob(
      model: model, outputs: outputs, normalization: source.normalization, settings: settings, share: training.share,
      selection: selection, title: "\(method.rawValue) \(selection)",
      provenance: [("data", loaded.source), ("method", method.rawValue), ("from", from)])
    try job.run(on: loaded.pair, writing: out, common)
  }
}

extension TransferMethod: ExpressibleByArgument {}
extension HeadPolicy: ExpressibleByArgument {}
