import ArgumentParser
import Foundation
import GraftFiles
import GraftMatrices
import GraftSettings
import GraftTraining

/// The command line. Each subcommand is one file; the libraries do the work.
struct Graft: ParsableCommand {
  static let version = GraftVersion.current

  static let configuration = CommandConfiguration(
    commandName: "graft",
    abstract: "A transfer-learning workbench for small image classifiers.",
    discussion: """
      Start with:  graft reproduce
      It trains a published study on MNIST and says, with proof, what of it holds.

      Results go to standard output, progress and messages to standard error. Exit codes: 0 fine, 1 training diverged, \
      2 a --check or --strict did not hold, 64 usage, 65 bad data, 66 input missing, 69 download unavailable, 70 internal, \
      73 cannot create, 74 input/output, 75 locked or stopped (the same command goes on), 77 permission, 78 configuration, 129, 130 or 143 after a signal.

      --config FILE takes settings from a JSON object with the flags' names; a flag on the command line wins. Shell \
      completions: graft --generate-completion-script bash|zsh|fish.
      """,
    version: "graft \(version)",
    subcommands: [
      ReproduceCommand.self, TrainCommand.self, TransferCommand.self, StudyCommand.self, LayersCommand.self,
      ScoreCommand.self, ShowCommand.self,
      EvaluateCommand.self, PredictCommand.self, CompareCommand.self, RunsCommand.self, ReportCommand.self,
      ExportCommand.self, FeaturesCommand.self, ImportCommand.self, DataCommand.self, BenchCommand.self,
      DoctorCommand.self,
    ])
}

@main
enum Main {
  static func main() {
    // A reader that closes the pipe early (`| head`) must not kill a training that has checkpoints to write.
    signal(SIGPIPE, SIG_IGN)
    RankJob.silenceOthers()
    do {
      if let problem = Processor.problem { throw GraftFailure(.badConfiguration, problem) }
      var command = try parse()
      try RankJob.join(for: command)
      try command.run()
      RankJob.leave(code: 0, error: nil)
    } catch {
      let error = placed(error)
      let code = finish(with: error)
      RankJob.leave(code: code, error: error)
      exit(code)
    }
  }

  /// The configuration, read once: the file may be different or gone when a long command comes to its end.
  private static let configuration = Result {
    try ConfigurationFile(
      expanding: Array(CommandLine.arguments.dropFirst()), help: try? JSON(parsing: Graft._dumpHelp()))
  }

  /// The command line, with the settings of a `--config` written out.
  static func arguments() throws -> [String] {
    try configuration.get()?.arguments ?? Array(CommandLine.arguments.dropFirst())
  }

  /// A mistake in a value that the configuration file gave, as one of that file. The line quotes the value.
  private static func placed(_ error: any Error) -> any Error {
    guard let failure = error as? GraftFailure, failure.kind == .usage, let file = try? configuration.get(),
      file.values.contains(where: { failure.message.contains("'\($0)'") })
    else { return error }
    var placed = GraftFailure(.badConfiguration, "\(file.path): \(failure.message)")
    placed.remedy = failure.remedy
    return placed
  }

  private static func parse() throws -> any ParsableCommand {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if let word = arguments.first, !word.hasPrefix("-") { try checkCommand(word) }
    guard let file = try configuration.get() else { return try Graft.parseAsRoot(arguments) }
    do {
      return try Graft.parseAsRoot(file.arguments)
    } catch {
      // The mistake is the command line's if it makes the same one without the file's settings.
      let message = Graft.message(for: error)
      do {
        _ = try Graft.parseAsRoot(file.explicit)
      } catch let own where Graft.message(for: own) == message {
        throw own
      } catch {}
      throw GraftFailure(.badConfiguration, "\(file.path): \(oneLine(message))")
    }
  }

  private static func checkCommand(_ word: String) throws {
    let names = Graft.configuration.subcommands.map { $0._commandName } + ["help"]
    guard !names.contains(word) else { return }
    let meant = nearest(to: word, among: names).map { "did you mean \($0)?" } ?? "graft --help lists them"
    throw GraftFailure(.usage, "there is no command '\(word)'; \(meant)")
  }

  /// Joins a list that the parser writes on several lines into one line.
  private static func oneLine(_ message: String) -> String {
    let lines = message.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    let items = lines.drop { !$0.hasPrefix("- ") }
    guard let first = lines.first, !items.isEmpty else { return lines.joined(separator: " ") }
    return "\(first) " + items.map { $0.hasPrefix("- ") ? String($0.dropFirst(2)) : $0 }.joined(separator: ", ")
  }

  /// Prints help and versions if they were asked for, and an error as one line. Returns the exit code.
  private static func finish(with error: any Error) -> Int32 {
    if let code = error as? ExitCode { return code.rawValue }
    if let failure = error as? any Failure {
      say(failure.line)
      return failure.kind.rawValue
    }
    let code = Graft.exitCode(for: error)
    if code.isSuccess { Graft.exit(withError: error) }
    say(oneLine(Graft.message(for: error)))
    return code == .validationFailure ? FailureKind.usage.rawValue : FailureKind.internalError.rawValue
  }

  private static func say(_ message: String) {
    StandardError.write("graft: error: \(shortened(singleLine(message)))\n")
  }

  /// The most bytes of a line, without its beginning: a name in a file may have megabytes.
  private static let longestLine = 1900

  /// A line with its middle left out if it is too long: its beginning names the file, its end the way out.
  private static func shortened(_ line: String) -> String {
    guard line.utf8.count > longestLine else { return line }
    // A letter that is cut in two becomes a replacement character.
    func text(_ bytes: some Sequence<UInt8>) -> String {
      String(decoding: Array(bytes), as: UTF8.self).replacing("\u{fffd}", with: "")
    }
    return text(line.utf8.prefix(longestLine - 400)) + " … " + text(line.utf8.suffix(390))
  }
}
