import ArgumentParser
import GraftFiles

/// The options for what a training tells while it runs; the same flags in every command that trains one.
struct LogOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write events for TensorBoard into this folder: losses, accuracy, learning rate, weights, settings, confusion matrix.",
      valueName: "folder"))
  var tensorboard: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "With --tensorboard: a histogram of each weight after every n epochs, 0 for none, up to 100000 (default: 1).",
      valueName: "n"),
    transform: wholeNumber(0...100_000))
  var histograms: Int?

  @Option(help: ArgumentHelp("Write a line for each epoch to this file, .csv or .jsonl.", valueName: "file"))
  var log: String?

  func validate() throws {
    if histograms != nil, tensorboard == nil { throw ValidationError("--histograms needs --tensorboard") }
    if let log, EpochTable.Form(path: log) == nil {
      throw ValidationError("--log writes .csv or .jsonl: '\(log)' ends with neither")
    }
  }
}
