import ArgumentParser
import Files
import Foundation

/// The command line. Each subcommand is one file; what it does lives in the libraries.
struct Graft: ParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "graft",
    abstract: "A transfer-learning workbench for small image classifiers.",
    discussion: """
      Start with:  graft reproduce
      It trains a published study on MNIST and says, with proof, what of it holds.

      Results go to standard output, progress and messages to standard error. Exit codes: 0 fine, 1 training diverged, \
      2 a --check did not hold, 64 usage, 65 bad data, 66 input missing, 69 download unavailable, 70 internal, \
      73 cannot create, 74 input/output, 77 permission.
      """,
    version: "graft \(version)",
    subcommands: [ReproduceCommand.self, TrainCommand.self, TransferCommand.self, EvaluateCommand.self, PredictCommand.self])
}

@main
enum Main {
  static func main() {
    // A reader that closes the pipe early (`| head`) must not kill a training that has checkpoints to write.
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try Graft.parseAsRoot()
      try command.run()
    } catch {
      exit(finish(with: error))
    }
  }

  /// Prints help and versions where they were asked for, an error as one line, and returns the exit code.
  private static func finish(with error: any Error) -> Int32 {
    if let code = error as? ExitCode { return code.rawValue }
    if let failure = error as? any Failure {
      say(failure.description)
      return failure.kind.rawValue
    }
    let code = Graft.exitCode(for: error)
    if code.isSuccess { Graft.exit(withError: error) }
    say(Graft.message(for: error))
    return code == .validationFailure ? FailureKind.usage.rawValue : FailureKind.internalError.rawValue
  }

  private static func say(_ message: String) {
    FileHandle.standardError.write(Data("graft: error: \(singleLine(message))\n".utf8))
  }
}
