/// How a text is set.
package struct TextStyle: Sendable, Equatable {
  /// Where the text lies relative to its position.
  package enum Anchor: String, Sendable {
    case start, middle, end
  }

  /// In pixels.
  package var size: Double
  /// Of the letters.
  package var color: Color
  /// Semibold, in truth: weight 600.
  package var bold: Bool
  /// Where the text lies relative to its position.
  package var anchor: Anchor

  /// Plain text in ink to the right of its position, unless told otherwise.
  package init(size: Double, color: Color = Palette.ink, bold: Bool = false, anchor: Anchor = .start) {
    self.size = size
    self.color = color
    self.bold = bold
    self.anchor = anchor
  }
}
