import Foundation
import GraftDocuments
import GraftFiles

/// Standard output. A reader that has gone (`| head`) is no error; a full disk is.
///
/// No text written here can control a terminal: class names, paths and notes come from files that others made.
enum Output {
  static func write(_ text: String) { send(printable(text)) }

  /// Writes text that may have control sequences for colours; they pass if the terminal shows colours.
  static func write(_ text: String, to terminal: Terminal) { send(terminal.printable(text)) }

  private static func send(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Foundation.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if written < 0 {
        if errno == EINTR { continue }
        if errno == EPIPE { return }
        StandardError.write("graft: error: standard output: \(String(cString: strerror(errno)))\n")
        exit(74)
      }
      rest = rest.dropFirst(written)
    }
  }
}
