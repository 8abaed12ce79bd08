import GraftFiles

/// Text for LaTeX, whatever it contains.
enum LaTeXText {
  /// `text` with every active character of LaTeX made visible. Letters that some installations lack become `?`.
  static func escaped(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      switch scalar {
      case "\\": "\\textbackslash{}"
      case "~": "\\textasciitilde{}"
      case "^": "\\textasciicircum{}"
      case "{", "}", "$", "&", "#", "_", "%": "\\\(scalar)"
      case "<": "\\textless{}"
      case ">": "\\textgreater{}"
      case "|": "\\textbar{}"
      case "\"": "\\textquotedbl{}"
      case "\u{20}"..."\u{7E}", "À"..."Ö", "Ø"..."ö", "ø"..."ÿ": String(scalar)
      default: "?"
      }
    }.joined()
  }

  /// A number with a sign in mathematics, which sets a hyphen as a minus.
  static func number(_ text: String) -> String { "$\(text)$" }
}
