import Foundation
import GraftFiles

/// The abilities of the terminal that text is written to, if it is written to one.
package struct Terminal: Sendable, Hashable {
  /// Characters in a line; nil if the text goes elsewhere, or if nobody knows.
  package let columns: Int?
  /// Whether it shows 24-bit colours.
  package let hasColors: Bool

  /// The abilities that the environment tells.
  ///
  /// A terminal says by `COLORTERM` that it has 24-bit colours. `NO_COLOR`, unless empty, forbids them (no-color.org), and
  /// so does `TERM=dumb`.
  ///
  /// - Parameters:
  ///   - isTerminal: Whether text goes to a terminal at all.
  ///   - columns: Characters in a line; nil or 0 if nobody knows.
  package init(environment: [String: String], isTerminal: Bool, columns: Int?) {
    self.columns = isTerminal ? columns.flatMap { $0 > 0 ? $0 : nil } : nil
    hasColors =
      isTerminal && ["truecolor", "24bit"].contains(environment["COLORTERM"]) && environment["TERM"] != "dumb"
      && (environment["NO_COLOR"] ?? "").isEmpty
  }

  /// The terminal of standard output.
  package static var output: Terminal {
    var size = winsize()
    let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0
    return Terminal(
      environment: ProcessInfo.processInfo.environment, isTerminal: isatty(STDOUT_FILENO) == 1,
      columns: isKnown ? Int(size.ws_col) : nil)
  }

  /// `text` with everything made visible that could control a terminal, as by `GraftFiles.printable(_:)`, except control
  /// sequences for colours if it shows them.
  package func printable(_ text: String) -> String {
    guard hasColors else { return GraftFiles.printable(text) }
    let parts = text.split(separator: "\u{1B}", omittingEmptySubsequences: false)
    let rest = parts.dropFirst().map { part -> String in
      let numbers = part.dropFirst().prefix { $0.isASCII && $0.isNumber || $0 == ";" }
      let end = numbers.endIndex
      guard part.first == "[", end < part.endIndex, part[end] == "m" else {
        return GraftFiles.printable("\u{1B}" + part)
      }
      return "\u{1B}[\(numbers)m" + GraftFiles.printable(String(part[part.index(after: end)...]))
    }
    return GraftFiles.printable(String(parts[0])) + rest.joined()
  }
}
