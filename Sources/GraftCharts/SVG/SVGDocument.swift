/// A complete, self-contained SVG picture on white.
///
/// Colours and fonts are attributes and not style sheets: some viewers ignore the latter.
package struct SVGDocument: Sendable, Equatable {
  /// The width in pixels.
  package var width: Double
  /// The height in pixels.
  package var height: Double
  /// The name of the picture, for screen readers and tooltips.
  package var title: String
  /// A description of the picture in a sentence or two, for readers who cannot see it.
  package var summary: String
  /// The elements on the background, from back to front.
  package var elements: [SVGElement]

  /// The font families: fonts of the system, whatever it is; nothing is loaded.
  package static let fonts = "system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"

  /// A picture of `width` x `height` pixels.
  package init(width: Double, height: Double, title: String, summary: String, elements: [SVGElement]) {
    self.width = width
    self.height = height
    self.title = title
    self.summary = summary
    self.elements = elements
  }

  /// The picture as text; the same picture always gives the same bytes.
  package var source: String {
    // A page may hold many charts inline, so the identifiers follow from the content.
    let body = elements.map { $0.source(indent: 2) }.joined()
    let mark = String(Self.fingerprint(title + summary + body), radix: 36)
    let background = ChartBox(x: 0, y: 0, width: width, height: height)
    let head = [
      SVGElement("title", ["id": .text("title-\(mark)")], text: title),
      SVGElement("desc", ["id": .text("desc-\(mark)")], text: summary),
      .box(background, fill: Palette.background),
    ]
    let root = SVGElement(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "width": .number(width), "height": .number(height),
        "viewBox": .text("0 0 \(NumberText.coordinate(width)) \(NumberText.coordinate(height))"),
        "role": "img", "aria-labelledby": .text("title-\(mark) desc-\(mark)"), "font-family": .text(Self.fonts),
      ], children: head + elements)
    return root.source()
  }

  /// The FNV-1a hash with 64 bits (Fowler, Noll and Vo), only to tell pictures apart.
  private static func fingerprint(_ text: String) -> UInt64 {
    text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
