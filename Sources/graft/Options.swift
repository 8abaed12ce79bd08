import ArgumentParser
import Datasets
import Files
import Foundation
import Networks
import Reporting
import Training

/// Where data comes from; the same flags in every command.
struct DataOptions: ParsableArguments {
  @Option(
    name: .customLong("data-dir"),
    help: ArgumentHelp("Folder with the data; looked at before anything else.", valueName: "folder"))
  var dataFolder: String?

  /// Loads `name`, with a line of progress per file where something is downloaded.
  func load(_ name: String, isQuiet: Bool) throws -> LoadedData {
    try DatasetPair.load(DataRequest(name: name, dataFolder: dataFolder))
  }
}

/// How a command talks and how many cores it takes; the same flags in every command.
struct RunOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Trainings at a time, 1 to 1024 (default: one per core).", valueName: "n"),
    transform: wholeNumber(1...1024))
  var threads: Int = ProcessInfo.processInfo.activeProcessorCount

  @Flag(help: "Print no progress.")
  var quiet = false

  @Flag(help: "Print one JSON document instead of text.")
  var json = false

  var board: ProgressBoard {
    ProgressBoard(
      ProgressBoard.suitableStyle(isQuiet: quiet, environment: ProcessInfo.processInfo.environment))
  }

  /// A message beside the results.
  func note(_ text: String) {
    if !quiet { FileHandle.standardError.write(Data("\(text)\n".utf8)) }
  }
}

/// The settings of one training; each flag wins over the recipe.
struct TrainingOptions: ParsableArguments {
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Passes over the data, 1 to 100000.", valueName: "n"),
    transform: wholeNumber(1...100_000))
  var epochs: Int?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Images per step, 1 to 1000000.", valueName: "n"),
    transform: wholeNumber(1...1_000_000))
  var batchSize: Int?

  @Option(help: ArgumentHelp("sgd or adam.", valueName: "name"))
  var optimizer: OptimizerName?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Greater than 0.", valueName: "rate"),
    transform: number(above: 0, upTo: 1e6))
  var learningRate: Double?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Of sgd, 0 to less than 1.", valueName: "share"),
    transform: number(from: 0, below: 1))
  var momentum: Double?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("0 or more.", valueName: "rate"), transform: number(from: 0, below: 1e6)
  )
  var weightDecay: Double?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Of weights, shuffles and draws, 0 to 2^64 - 1.", valueName: "n"),
    transform: seedNumber)
  var seed: UInt64 = 0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Train on this share of each class, greater than 0 and at most 1.", valueName: "share"),
    transform: number(above: 0, upTo: 1))
  var fraction: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Train on this many images of each class.", valueName: "n"),
    transform: wholeNumber(1...100_000_000))
  var perClass: Int?

  func validate() throws {
    if fraction != nil && perClass != nil {
      throw ValidationError("--fraction and --per-class exclude each other")
    }
    if optimizer == .adam && momentum != nil {
      throw ValidationError("--momentum belongs to --optimizer sgd, not adam")
    }
  }

  var share: Share { fraction.map(Share.fraction) ?? perClass.map(Share.perClass) ?? .all }

  /// `recipe` with every flag that was given in its place.
  func settings(over recipe: TrainingSettings) -> TrainingSettings {
    var settings = recipe
    settings.seed = seed
    if let epochs { settings.epochs = epochs }
    if let batchSize { settings.batchSize = batchSize }
    if let learningRate { settings.learningRate = learningRate }
    if let weightDecay { settings.weightDecay = weightDecay }
    switch optimizer {
    case .sgd: settings.optimizer = .sgd(momentum: momentum ?? 0.9)
    case .adam: settings.optimizer = .adam()
    case nil:
      if let momentum, case .sgd = settings.optimizer { settings.optimizer = .sgd(momentum: momentum) }
    }
    return settings
  }
}

enum OptimizerName: String, ExpressibleByArgument, CaseIterable { case sgd, adam }

extension ClassOutputs.Numbering: ExpressibleByArgument {}

// MARK: - Numbers

/// A whole number in a range, or an error that says the range.
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
