/// The style of a text: size, colour, weight and anchor.
package struct TextStyle: Sendable, Equatable {
  /// The part of the text that lies at its position.
  package enum Anchor: String, Sendable {
    case start, middle, end
  }

  /// The font size in pixels.
  package var size: Double
  /// The colour of the letters.
  package var color: Color
  /// Whether the text is semibold: weight 600.
  package var bold: Bool
  /// The part of the text that lies at its position.
  package var anchor: Anchor

  /// A style for plain text in ink to the right of its position, unless told otherwise.
  package init(size: Double, color: Color = Palette.ink, bold: Bool = false, anchor: Anchor = .start) {
    self.size = size
    self.color = color
    self.bold = bold
    self.anchor = anchor
  }
}
