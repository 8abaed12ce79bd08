import ArgumentParser
import GraftData
import GraftDocuments
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftPictures
import GraftReporting
import GraftStatistics
import GraftTraining
import GraftWorkbench

struct ScoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Ask before training whether checkpoints will transfer to a target.",
    discussion: """
      Scores each checkpoint on labelled images of the target, without training anything: LEEP, NCE, LogME, H-score and the \
      accuracy of the nearest class mean with one image left out; of each, higher is better. Several checkpoints are \
      ranked. `graft study --sources auto` tells how far each score can be believed.

      Examples:
        graft score even.safetensors --classes odd --per-class 10
        graft score a.safetensors b.safetensors c.safetensors --classes odd --per-class 5 --json
        graft score digits.safetensors --data fashion-mnist --classes all --seed 3
      """)

  @Argument(help: ArgumentHelp("Checkpoints that could be transferred.", valueName: "files"))
  var files: [String]

  @Option(
    name: .customLong("data"),
    help: ArgumentHelp(
      "The target's data set: a known name, \(DatasetFormats.titles).", valueName: "name|folder"))
  var dataName = "mnist"

  @Option(help: ArgumentHelp("The target's classes: even, odd, all, a list or a range.", valueName: "classes"))
  var classes: String

  @Option(
    help: ArgumentHelp("Labelled images of each class, drawn from the seed, or all (default: all).", valueName: "n"),
    transform: perClassShare)
  var perClass: Share = .all

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Of the draw (default: 0).", valueName: "n"), transform: seedNumber)
  var seed: UInt64 = 0

  @OptionGroup var data: DataOptions
  @OptionGroup var common: RunOptions

  func run() throws {
    let checkpoints = try files.map { (name: $0, checkpoint: try Checkpoint(contentsOf: $0)) }
    var read: [Reading: DatasetPair] = [:]
    var target = ""
    var images = 0
    let scores = try checkpoints.map { name, checkpoint in
      // Pictures in the size and style that each model reads; the same ones are drawn for all.
      let reading = Reading(checkpoint)
      let pair =
        try read[reading]
        ?? data.load(
          dataName, isQuiet: common.quiet, threads: common.threads, for: checkpoint, isReadAgain: !read.isEmpty
        ).pair
      read[reading] = pair
      try checkpoint.checkShape(of: pair.train, path: name)
      let selection = try ClassSelection(parsing: classes, of: pair.train.classNames)
      let domain = try StudyDomain(pair, selecting: selection)
      let drawn = try domain.data.train.share(perClass, seed: seed)
      (target, images) = (domain.name, drawn.count)
      if !checkpoint.model.runsAsProgram {
        _ = try named(name) { try Ensemble([checkpoint]).logits(of: drawn.rows, threads: common.threads) }
      }
      let scores = try named(name) {
        try TransferScores(of: checkpoint, on: drawn, classes: selection.classes, threads: common.threads)
      }
      return (name: name, scores: scores)
    }
    let report = ScoreReport(scores, target: target, images: images)
    Output.write(common.json ? report.json.text(.pretty) + "\n" : report.document.terminal())
  }

  /// The way in which a checkpoint's model reads pictures.
  private struct Reading: Hashable {
    let shape: ImageShape
    let style: PictureStyle?

    init(_ checkpoint: Checkpoint) {
      (shape, style) = (checkpoint.model.inputShape, checkpoint.pictureStyle)
    }
  }
}
