/// Control text for a terminal.
enum TerminalText {
  /// Text whose lines a narrow terminal cuts at its edge and does not break (DEC private mode 7): whoever moves the cursor back
  /// over them counts them as they were written.
  static func unwrapped(_ text: String) -> String { "\u{1B}[?7l\(text)\u{1B}[?7h" }
}
