/// What a terminal is told beside the text.
enum TerminalText {
  /// Lines that a narrow terminal cuts at its edge, and does not break: whoever moves the cursor back over them counts them as they were
  /// written (DEC private mode 7).
  static func unwrapped(_ text: String) -> String { "\u{1B}[?7l\(text)\u{1B}[?7h" }
}
