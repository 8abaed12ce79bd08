import GraftFiles

/// Text for LaTeX, whatever is in it.
enum LaTeXText {
  /// `text` with every character that LaTeX acts upon made visible. Letters that not every installation has become `?`.
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

  /// A number with a sign in mathematics, where a hyphen is a minus.
  static func number(_ text: String) -> String { "$\(text)$" }
}
