import GraftDocuments
import Testing

@Suite struct TerminalTests {
  private func terminal(_ environment: [String: String], isTerminal: Bool = true, columns: Int? = 80) -> Terminal {
    Terminal(environment: environment, isTerminal: isTerminal, columns: columns)
  }

  @Test("colours need a terminal that says it has them, and nobody who forbids them")
  func colors() {
    #expect(terminal(["COLORTERM": "truecolor"]).hasColors)
    #expect(terminal(["COLORTERM": "24bit", "TERM": "xterm-256color", "NO_COLOR": ""]).hasColors)
    for environment in [
      [:], ["COLORTERM": "yes"], ["COLORTERM": "truecolor", "NO_COLOR": "1"],
      ["COLORTERM": "truecolor", "TERM": "dumb"],
    ] {
      #expect(!terminal(environment).hasColors)
    }
    #expect(!terminal(["COLORTERM": "truecolor"], isTerminal: false).hasColors)
  }

  @Test("columns are those of a terminal that knows them")
  func columns() {
    #expect(terminal([:]).columns == 80)
    #expect(terminal([:], columns: 0).columns == nil && terminal([:], columns: nil).columns == nil)
    #expect(terminal([:], isTerminal: false).columns == nil)
  }

  @Test("control sequences for colours pass, where there are colours, and no others do")
  func printable() {
    let (colored, plain) = (terminal(["COLORTERM": "truecolor"]), terminal([:]))
    let text = "a\u{1B}[38;2;1;2;3m▀\u{1B}[0m\nb"
    #expect(colored.printable(text) == text)
    #expect(plain.printable(text) == "a\\u{1b}[38;2;1;2;3m▀\\u{1b}[0m\nb")
    for bad in ["\u{1B}[2J", "\u{1B}]0;title\u{7}", "\u{1B}", "\u{1B}[38;2", "\u{1B}[?25lm", "\u{1B}\u{1B}[0m"] {
      #expect(colored.printable("x\(bad)y").hasPrefix("x\\u{1b}"), "\(bad.unicodeScalars.map(\.value))")
    }
    #expect(colored.printable("\u{1B}[0m\u{7}") == "\u{1B}[0m\\u{7}")
  }
}
