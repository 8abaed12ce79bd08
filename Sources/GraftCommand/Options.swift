import ArgumentParser
import Foundation
import GraftData
import GraftDocuments
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftReporting
import GraftTraining

/// Options for the place of the data; the same flags in every command.
struct DataOptions: ParsableArguments {
  @Option(
    name: .customLong("data-dir"),
    help: ArgumentHelp("Folder with the data; there and nowhere else it is looked for.", valueName: "folder"))
  var dataFolder: String?

  @Flag(help: "Download nothing.")
  var offline = false

  @OptionGroup var reading: ReadingFlags

  /// The flags about data that were given.
  var givenFlags: [String] {
    [("--data-dir", dataFolder != nil), ("--offline", offline)].filter(\.1).map(\.0) + reading.givenFlags
  }

  /// Loads `name`, with progress if something is downloaded, and warns of suspicious pixels.
  ///
  /// - Parameters:
  ///   - checkpoint: The model that is to read the images: pictures get its size, its colours and the style of those that it learned from,
  ///     unless flags name others.
  ///   - isReadAgain: Whether the same data was read before, for another model: its warnings were given.
  func load(
    _ name: String, isQuiet: Bool, threads: Int = ProcessInfo.processInfo.activeProcessorCount,
    for checkpoint: Checkpoint? = nil, isReadAgain: Bool = false
  ) throws -> LoadedData {
    let isQuiet = isQuiet || isReadAgain
    var loaded: LoadedData
    do {
      loaded = try read(name, isQuiet: isQuiet, threads: threads, for: checkpoint, isReadAgain: isReadAgain)
      RankJob.offer(loaded, as: name)
    } catch let failure as any Failure where [.missingInput, .unavailable].contains(failure.kind) {
      loaded = try RankJob.data(name, lackedBecause: failure)
    }
    if !isQuiet { for note in loaded.notes { StandardError.write("\(singleLine(note))\n") } }
    for remark in isReadAgain ? [] : loaded.remarks { StandardError.write("warning: \(singleLine(remark))\n") }
    if let wanted = reading.shape(of: loaded.pair.train.shape) { loaded.pair = try loaded.pair.brought(to: wanted) }
    return loaded
  }

  private func read(
    _ name: String, isQuiet: Bool, threads: Int, for checkpoint: Checkpoint?, isReadAgain: Bool
  ) throws -> LoadedData {
    if name == "synthetic" {
      return LoadedData(
        pair: DatasetPair.syntheticDigits(threads: threads), source: "built-in synthetic digits", fileDigests: [])
    }
    guard KnownDataset.named(name) != nil || FileManager.default.fileExists(atPath: name) else {
      throw GraftFailure(.missingInput, DataOptions.unknownName(name))
    }
    let printer = DownloadPrinter(isQuiet: isQuiet)
    defer { printer.end() }
    do {
      var request = DataRequest(
        name: name, dataFolder: dataFolder, isOffline: offline || !RankJob.isFirst, progress: { printer.show($0) })
      request.options = reading.options(
        threads: threads, shape: checkpoint?.model.inputShape, style: checkpoint?.pictureStyle)
      let loaded = try DatasetPair.load(request)
      if !isReadAgain { warn(of: loaded, askedFor: name) }
      return loaded
    } catch let failure as GraftFailure where failure.kind == .unavailable {
      throw GraftFailure(.unavailable, "\(failure.line); the built-in digits need no network: synthetic")
    }
  }

  /// Warns if data is not what its name promises. A warning is printed with `--quiet` too: it is no progress.
  private func warn(of loaded: LoadedData, askedFor name: String) {
    let own = loaded.pair.train.name
    guard KnownDataset.named(own) == nil else { return }
    if let known = KnownDataset.named(name) {
      StandardError.write(
        "warning: the files of \(loaded.source): this is other data than \(known.name), and is called \(singleLine(own))\n"
      )
    }
    for warning in DataCommand.Check.warnings(of: loaded.pair, named: name) {
      StandardError.write("warning: \(singleLine(warning))\n")
    }
  }

  /// Lists the data sets that need no network, apart from one: the known ones that are here, then the built-in digits.
  func presentDatasets(besides name: String) throws -> [String] {
    let known = KnownDataset.all.map(\.name).filter { known in
      known != name && (try? DatasetPair.load(DataRequest(name: known, dataFolder: dataFolder, isOffline: true))) != nil
    }
    return known + (name == "synthetic" ? [] : ["synthetic"])
  }

  /// Loads the data to measure a checkpoint on: the named set, else the one it was trained on, else, if it does not tell, MNIST.
  func load(_ name: String?, for checkpoint: Checkpoint, _ common: RunOptions) throws -> LoadedData {
    let trainedOn = checkpoint.record["data"]?.string
    if name == nil, dataFolder != nil, let trainedOn, trainedOn != "synthetic", KnownDataset.named(trainedOn) == nil {
      // A folder named by --data-dir may have other data under the names of a known data set's files.
      let loaded = try load("mnist", isQuiet: common.quiet, threads: common.threads, for: checkpoint)
      noteData(of: checkpoint, loaded.pair.train, common)
      return loaded
    }
    if name == nil, let trainedOn, trainedOn != "synthetic", KnownDataset.named(trainedOn) == nil {
      throw GraftFailure(.usage, "the checkpoint was trained on the folder \(trainedOn): say with --data where it is")
    }
    var loaded = try load(
      name ?? trainedOn ?? "mnist", isQuiet: common.quiet, threads: common.threads, for: checkpoint)
    noteData(of: checkpoint, loaded.pair.train, common)
    loaded.pair = try loaded.pair.aligned(with: checkpoint.outputs)
    return loaded
  }

  /// Notes if a checkpoint was trained on other data than it is measured on.
  private func noteData(of checkpoint: Checkpoint, _ own: Dataset, _ common: RunOptions) {
    guard let trainedOn = checkpoint.record["data"]?.string else { return }
    if trainedOn != own.name {
      common.note("trained on \(trainedOn), measured on \(own.name)")
    } else if checkpoint.record["data_sha256"] != nil, !checkpoint.wasTrained(on: own.name, digest: own.digest) {
      common.note("trained on other data, which was called \(own.name) as well; measured on this")
    }
  }

  /// Whether a flag or the environment names the place of the data.
  var namesPlace: Bool { dataFolder != nil || !(ProcessInfo.processInfo.environment["GRAFT_DATA"] ?? "").isEmpty }

  /// The error message for a name that is neither a data set nor a folder.
  static func unknownName(_ name: String) -> String {
    "there is no data set, folder or file '\(name)'; \(meant(by: name, among: KnownDataset.all.map(\.name) + ["synthetic"]))"
  }

  /// A suggestion, "did you mean mnist?", or the list of all names.
  static func meant(by name: String, among names: [String]) -> String {
    nearest(to: name, among: names).map { "did you mean \($0)?" } ?? "known are \(names.joined(separator: ", "))"
  }
}

/// The option for the store of runs; the same flag in every command that looks there.
struct StoreOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Where runs are kept.", valueName: "file"))
  var store = StoreOptions.usual

  static let usual = "runs/graft.sqlite"
}

/// The same option for commands whose subject may itself name the store that it is from.
struct MovedStoreOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Where runs are kept (default: runs/graft.sqlite; of a study, where it kept them).", valueName: "file"))
  var store: String?
}

/// Options for a command's output and its number of cores; the same flags in every command.
struct RunOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Cores to take, 1 to 1024 (default: all). No result depends on it.", valueName: "n"),
    transform: wholeNumber(1...1024))
  var threads: Int = RankJob.cores

  // Read before anything is parsed, see `ConfigurationFile`; declared here for --help.
  @Option(help: ArgumentHelp("JSON file with settings under the flags' names; a flag wins over it.", valueName: "file"))
  var config: String?

  @Flag(help: "Print no progress.")
  var quiet = false

  @Flag(help: "Print one JSON document instead of text.")
  var json = false

  var board: ProgressBoard {
    ProgressBoard(
      ProgressBoard.suitableStyle(isQuiet: quiet, environment: ProcessInfo.processInfo.environment))
  }

  /// Prints a message of one line beside the results.
  func note(_ text: String) {
    if !quiet { StandardError.write("\(singleLine(text))\n") }
  }

  /// Prints a message of several lines beside the results.
  func note(_ document: TextDocument) {
    if !quiet { StandardError.write(printable(document.terminal()) + "\n") }
  }
}

extension ClassOutputs.Numbering: ExpressibleByArgument {}

/// Help for `--model`, in every command that trains a network.
let modelHelp = ArgumentHelp(
  "softmax, mlp: with the units of each hidden layer, cnn:small, cnn:best, or a convolutional network written out, as graft show explains (default: the recipe's).",
  valueName: "softmax|mlp:500|cnn:small|cnn:16c5-p2-128")

// MARK: - Numbers

/// Reads a whole number in a range; an error names the range.
func wholeNumber(_ range: ClosedRange<Int>) -> @Sendable (String) throws -> Int {
  { text in
    guard let value = Int(text), range.contains(value) else {
      throw ValidationError("expected a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }
}

let seedNumber: @Sendable (String) throws -> UInt64 = { text in
  guard let value = UInt64(text) else { throw ValidationError("expected a whole number from 0 to \(UInt64.max)") }
  return value
}

func number(above low: Double, upTo high: Double) -> @Sendable (String) throws -> Double {
  { text in
    guard let value = Double(text), value > low, value <= high else {
      throw ValidationError("expected a number greater than \(low) and at most \(high)")
    }
    return value
  }
}

func number(from low: Double, below high: Double) -> @Sendable (String) throws -> Double {
  { text in
    guard let value = Double(text), value >= low, value < high else {
      throw ValidationError("expected a number from \(low) to less than \(high)")
    }
    return value
  }
}

func number(from low: Double, upTo high: Double) -> @Sendable (String) throws -> Double {
  { text in
    guard let value = Double(text), value >= low, value <= high else {
      throw ValidationError("expected a number from \(low) to \(high)")
    }
    return value
  }
}
