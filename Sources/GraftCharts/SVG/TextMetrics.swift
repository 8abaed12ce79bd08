/// Estimates of the width of text, as the viewer's font is unknown.
///
/// The widths are taken from DejaVu Sans, about the widest of the fonts in question, so that text fits with every one.
package enum TextMetrics {
  /// The width of `text` in pixels when set in `size` pixels.
  package static func width(_ text: String, size: Double, bold: Bool = false) -> Double {
    let units = text.unicodeScalars.reduce(0.0) { $0 + advance($1) }
    return units * size * (bold ? 1.1 : 1)
  }

  /// The average advance of a glyph in units of the font size.
  private static func advance(_ scalar: Unicode.Scalar) -> Double {
    switch scalar {
    case " ", ".", ",", "'", "i", "j", "l", "I", "|", "J", "·", "\u{A0}": 0.32
    case "-", "/", ":", ";", "(", ")", "[", "]", "f", "t", "r", "!", "⁰"..."⁹", "¹", "²", "³", "⁻": 0.42
    case "\"", "*", "?", "_", "^", "c", "k", "s", "v", "x", "y", "z", "–", "L": 0.57
    case "0"..."9", "a", "b", "d", "e", "g", "h", "n", "o", "p", "q", "u", "E", "F", "P", "S", "T", "Y", "$": 0.635
    case "A", "B", "C", "D", "G", "H", "K", "N", "O", "Q", "R", "U", "V", "X", "Z", "&": 0.75
    case "+", "=", "<", ">", "−", "×", "w", "#", "~", "±": 0.84
    case "m", "M", "W", "@", "%", "—", "…", "→": 1.0
    default:
      switch scalar.properties.generalCategory {
      case .nonspacingMark, .enclosingMark, .format, .control: 0
      // Accented letters are as wide as plain ones; Greek and Cyrillic are much the same. Others take a full square.
      case _ where scalar.value < 0x590: 0.7
      default: 1.05
      }
    }
  }

  // MARK: - Fitting

  /// Returns `text`, cut and ended by an ellipsis if it is wider than `room` pixels.
  package static func fitted(_ text: String, size: Double, bold: Bool = false, room: Double) -> String {
    guard width(text, size: size, bold: bold) > room else { return text }
    var result = ""
    for character in text {
      guard width(result + String(character) + "…", size: size, bold: bold) <= room else { break }
      result.append(character)
    }
    while result.hasSuffix(" ") { result.removeLast() }
    return result + "…"
  }

  /// `text` broken between words into at most `limit` lines of at most `room` pixels; the last one is cut if need be.
  package static func lines(
    _ text: String, size: Double, bold: Bool = false, room: Double, limit: Int
  ) -> [String] {
    var words = text.split(whereSeparator: \.isWhitespace)[...]
    var lines: [String] = []
    while !words.isEmpty {
      if lines.count == limit - 1 {
        lines.append(fitted(words.joined(separator: " "), size: size, bold: bold, room: room))
        break
      }
      var line = String(words.removeFirst())
      while let word = words.first, width("\(line) \(word)", size: size, bold: bold) <= room {
        line += " \(word)"
        words.removeFirst()
      }
      lines.append(fitted(line, size: size, bold: bold, room: room))
    }
    return lines
  }
}
