import Foundation
import GraftData
import GraftFiles
import Synchronization

/// The progress of a download on standard error: a line that is drawn over on a terminal, a line per file elsewhere.
final class DownloadPrinter: Sendable {
  private let isQuiet: Bool
  private let isTerminal = isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  private let lastFile = Mutex("")

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  func show(_ progress: DownloadProgress) {
    guard !isQuiet else { return }
    let isNew = lastFile.withLock { last in
      defer { last = progress.file }
      return last != progress.file
    }
    if isTerminal {
      let speed = decimals(progress.bytesPerSecond / 1e6, 1)
      write(
        "\r\u{1B}[K\(progress.file): \(grouped(progress.receivedBytes))\(progress.totalBytes.map { " of \(grouped($0))" } ?? "") bytes, \(speed) MB/s"
      )
    } else if isNew {
      write("\(progress.file)\(progress.totalBytes.map { ": \(grouped($0)) bytes" } ?? "")\n")
    }
  }

  func note(_ text: String) {
    if !isQuiet { write("\(text)\n") }
  }

  /// Ends the line that was drawn over.
  func end() {
    if !isQuiet, isTerminal, lastFile.withLock({ !$0.isEmpty }) { write("\n") }
  }

  private func write(_ text: String) { StandardError.write(text) }
}
