import ArgumentParser
import GraftFiles
import GraftNetworks
import GraftTraining

/// Options that combine several answers to each image; the same flags in every command that answers.
struct EnsembleOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Further checkpoints of the same classes; their probabilities are averaged. All that follows is one, up to the next flag or --.",
      valueName: "file"))
  var with: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Average over so many views of each image, the others slightly moved, 1 to 1000 (default: 1).", valueName: "n"),
    transform: wholeNumber(1...1000))
  var tta: Int = 1

  /// The path of the only checkpoint, for errors about it; among several, their numbers identify them.
  func path(_ file: String) -> String? { with.isEmpty ? file : nil }

  func ensemble(_ file: String) throws -> Ensemble {
    for (index, path) in with.enumerated() {
      if ([file] + with.prefix(index)).contains(where: { isSameFile($0, path) }) {
        throw GraftFailure(.usage, "--with \(path): that checkpoint is among them already")
      }
    }
    let ensemble = try Ensemble(
      ([file] + with).map { try Checkpoint(contentsOf: $0) }, views: Ensemble.Views(count: tta))
    if ensemble.mixesData {
      StandardError.write(
        "warning: the checkpoints were trained on different data; their classes may only be numbered alike\n")
    }
    return ensemble
  }
}

/// Runs `body`, and names the file in an error about a model that gives no finite numbers.
func named<Value>(_ path: String?, _ body: () throws -> Value) throws -> Value {
  do {
    return try body()
  } catch let failure as NonFiniteOutputs {
    throw GraftFailure(failure.kind, (path.map { "\($0): " } ?? "") + failure.description)
  }
}
