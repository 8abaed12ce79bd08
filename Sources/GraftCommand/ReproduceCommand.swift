import ArgumentParser
import Foundation
import GraftData
import GraftDocuments
import GraftFiles
import GraftRanks
import GraftReporting
import GraftReproduction
import GraftStatistics
import GraftTraining
import GraftWorkbench

struct ReproduceCommand: ParsableCommand, RanksCommand {
  static let isManaged = false

  static let configuration = CommandConfiguration(
    commandName: "reproduce",
    abstract: "Reproduce and audit \"Transfer Learning using MNIST dataset\" (2024).",
    discussion: """
      Trains softmax regression, a 784-500-10 network and its frozen transfer on the even and the odd digits, with two \
      controls that the study lacks, and prints published and true accuracies, the audit and the study's claims.

      Examples:
        graft reproduce
        graft reproduce --seeds 5 --check
        graft reproduce --fractions --variant numpy --json > results.json
      """)

  enum DatasetChoice: String, ExpressibleByArgument, CaseIterable { case auto, mnist, synthetic }
  enum Variant: String, ExpressibleByArgument, CaseIterable { case pytorch, numpy }

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Independent repetitions, 1 to 1000 (default: 1); more than one gives intervals.", valueName: "n"),
    transform: wholeNumber(1...1000))
  var seeds: Int = 1

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The first seed, from 0 (default: 0).", valueName: "n"),
    transform: wholeNumber(0...(Int.max - 1000)))
  var seed: Int = 0

  @Flag(name: .customLong("no-controls"), help: "Leave out the controls and the ten-label comparison.")
  var noControls = false

  @Flag(help: "Also train on 20, 50 and 80 % of the data, beside every reading of the report's second table.")
  var fractions = false

  @Option(
    help: ArgumentHelp(
      "numpy also runs the study's older full-batch variant: 200 epochs, then 100 after the transfer.",
      valueName: "pytorch|numpy"))
  var variant: Variant = .pytorch

  @Option(
    name: [.customLong("dataset"), .customLong("data")],
    help: ArgumentHelp(
      "Which data; auto takes MNIST from where it is or downloads it, and without a network the built-in digits.",
      valueName: "auto|mnist|synthetic"))
  var dataset: DatasetChoice = .auto

  @Option(help: ArgumentHelp("Folder for tables, figures and checkpoints.", valueName: "folder"))
  var out = "runs/reproduce"

  @Flag(help: "Exit 2 unless every cell of the table lies in the range that the reference runs predict (99.9 %).")
  var check = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Rehearse with fewer epochs than the study's 100; no verdicts then.", valueName: "n"),
    transform: wholeNumber(1...100))
  var epochs: Int = 100

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Rehearse with fewer transfer epochs than the study's 30; no verdicts then.", valueName: "n"),
    transform: wholeNumber(1...30))
  var transferEpochs: Int = 30

  @OptionGroup var data: DataOptions
  @OptionGroup var common: RunOptions

  func validate() throws {
    if check && (epochs < 100 || transferEpochs < 30) {
      throw ValidationError("--check needs the study's epochs: leave out --epochs and --transfer-epochs")
    }
  }

  func run() throws {
    let clock = ContinuousClock()
    let start = clock.now
    if check && dataset == .synthetic {
      throw GraftFailure(.unavailable, "--check compares with runs on MNIST, which --dataset synthetic is not")
    }
    let loaded = try load()
    common.note("data: \(loaded.source)")
    let study = try PaperData(loaded.pair)
    let ranks = RankJob.current?.work
    try ranks?.agree(
      on: "\(GraftVersion.current) \(loaded.pair.train.digest) \(loaded.pair.test.digest) \(seed) \(seeds) "
        + "\(noControls) \(fractions) \(variant) \(epochs) \(transferEpochs)")
    var options = options
    guard RankJob.isFirst else {
      _ = try ReproductionResult.produce(
        options, on: study, shares: fractions, variant: variant == .numpy, ranks: ranks)
      return
    }
    try AtomicFile.checkWritable("\(out)/results.json", createFolders: true)
    try AtomicFile.checkWritable("\(out)/\(ReportCommand.usualName)", createFolders: true)
    let lock = try OutputLock(out)
    for seed in options.seeds { TemporaryName.removeLeftovers(in: "\(out)/seed-\(seed)") }
    let board = common.board
    options.folder = out
    let result = try ReproductionResult.produce(
      options, on: study, shares: fractions, variant: variant == .numpy, ranks: ranks
    ) { board.show($0) }
    var timed = result
    timed.seconds = (clock.now - start) / .seconds(1)
    // An older page beside newer tables would tell of another reproduction.
    try? FileManager.default.removeItem(atPath: "\(out)/\(ReportCommand.usualName)")
    try timed.write(to: out)
    Output.write(common.json ? timed.json.text(.pretty) + "\n" : TextDocument(timed).terminal())
    let page = try ReproductionPage(timed, folder: out, test: loaded.pair.test, threads: common.threads).page
    try AtomicFile.write(text: page.source, to: "\(out)/\(ReportCommand.usualName)")
    common.note(
      "written to \(out): \(ReportCommand.usualName), results.json, results.md, results.csv, history.csv, figures and checkpoints"
    )
    lock.release()
    if check { try check(timed) }
    common.note("the page: \(out)/\(ReportCommand.usualName), to be opened in a browser")
  }

  private var options: Reproduction.Options {
    var options = Reproduction.Options()
    options.seeds = (0..<seeds).map { UInt64(seed + $0) }
    options.includesControls = !noControls
    options.threads = common.threads
    options.scratchEpochs = epochs
    options.transferEpochs = transferEpochs
    options.version = GraftVersion.current
    options.machine = Machine.processor
    options.system = Machine.system
    return options
  }

  /// Loads the data. A place that was named must have it; the built-in digits stand in only if no place was named.
  private func load() throws -> LoadedData {
    if dataset == .synthetic { return try data.load("synthetic", isQuiet: common.quiet, threads: common.threads) }
    do {
      return try data.load("mnist", isQuiet: common.quiet, threads: common.threads)
    } catch let failure as GraftFailure
      where failure.kind == .unavailable && dataset == .auto && !data.namesPlace && !check
    {
      common.note("\(failure)")
      let loaded = try data.load("synthetic", isQuiet: common.quiet, threads: common.threads)
      // Ranks that lack MNIST too ask for it.
      RankJob.offer(loaded, as: "mnist")
      return loaded
    }
  }

  private func check(_ result: ReproductionResult) throws {
    guard result.isStudysData else {
      throw GraftFailure(
        .unavailable, "--check compares with runs on MNIST, and this data is other (\(result.dataName))")
    }
    let failed = result.failedChecks
    guard failed.isEmpty else {
      throw GraftFailure(
        .checkFailed, "\(failed.count) figures lie outside the range: \(failed.joined(separator: "; "))")
    }
    common.note(
      "check: every cell, counted both ways, lies in the range that the reference runs predict (99.9 % for all its runs)"
    )
  }
}
