/// The title and subtitle at the top left of a chart.
struct TitleBlock: Sendable {
  /// The distance between the border of the picture and its contents, in pixels.
  static let margin = 24.0

  let elements: [SVGElement]
  /// The lower end of the block, where the chart may begin, in pixels.
  let bottom: Double

  /// Breaks both texts into at most two lines each, for a picture `width` pixels wide.
  init(title: String, subtitle: String, width: Double) {
    let room = width - 2 * Self.margin
    var elements: [SVGElement] = []
    var y = Self.margin - 4
    func add(_ text: String, _ style: TextStyle, leading: Double) {
      for line in TextMetrics.lines(text, size: style.size, bold: style.bold, room: room, limit: 2) {
        y += leading
        elements.append(.text(line, at: ChartPoint(x: Self.margin, y: y), style))
      }
    }
    add(title, TextStyle(size: 17, bold: true), leading: 21)
    if !elements.isEmpty { y += 2 }
    add(subtitle, TextStyle(size: 13, color: Palette.muted), leading: 18)
    self.elements = elements
    bottom = elements.isEmpty ? Self.margin - 4 : y + 6
  }
}
