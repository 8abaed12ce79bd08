/// A table of numbers, coloured by their distance from zero: blue above, orange below.
package struct HeatMap: Sendable {
  package var title: String
  package var subtitle: String
  package var rowNames: [String]
  package var columnNames: [String]
  /// The name of the quantity across the columns.
  package var columnTitle: String
  /// The cells as [rows × columns]; nil if there is no value.
  package var cells: [[Cell?]]

  package struct Cell: Sendable, Hashable {
    package var value: Double
    /// The text in the cell.
    package var text: String

    package init(_ value: Double, text: String) { (self.value, self.text) = (value, text) }
  }

  package init(
    title: String, subtitle: String = "", rowNames: [String], columnNames: [String], columnTitle: String,
    cells: [[Cell?]]
  ) {
    precondition(cells.count == rowNames.count && cells.allSatisfy { $0.count == columnNames.count })
    (self.title, self.subtitle, self.rowNames, self.columnNames) = (title, subtitle, rowNames, columnNames)
    (self.columnTitle, self.cells) = (columnTitle, cells)
  }

  private static let rowHeight = 32.0

  /// The chart as a tree of elements, about `width` pixels wide.
  package func document(width: Double = 720) -> SVGDocument {
    let titles = TitleBlock(title: title, subtitle: subtitle, width: width)
    let names = rowNames.map { TextMetrics.width($0, size: 12) }.max() ?? 0
    let left = TitleBlock.margin + min(names, 0.4 * width) + 12
    let pitch = min((width - TitleBlock.margin - left) / Double(max(columnNames.count, 1)), 120)
    let top = titles.bottom + 46
    let largest = cells.flatMap { $0 }.compactMap { $0.map { abs($0.value) } }.filter(\.isFinite).max() ?? 0
    var elements = titles.elements
    // Figures are made smaller, never cut.
    let figures = cells.flatMap { $0 }.map { $0?.text ?? NumberText.missing }
    let widest = figures.map { TextMetrics.width($0, size: 12) }.max() ?? 0
    let figureSize = widest <= pitch - 6 ? 12 : max(6, (24 * (pitch - 6) / widest).rounded(.down) / 2)
    let head = TextStyle(size: 13, anchor: .middle)
    let middle = left + pitch * Double(columnNames.count) / 2
    elements.append(.text(columnTitle, at: ChartPoint(x: middle, y: titles.bottom + 16), head))
    for (column, name) in columnNames.enumerated() {
      let style = TextStyle(size: 12, color: Palette.muted, anchor: .middle)
      let fitted = TextMetrics.fitted(name, size: 12, room: pitch - 4)
      elements.append(.text(fitted, at: ChartPoint(x: left + (Double(column) + 0.5) * pitch, y: top - 8), style))
    }
    for (row, name) in rowNames.enumerated() {
      let y = top + Double(row) * Self.rowHeight
      let style = TextStyle(size: 12, anchor: .end)
      let fitted = TextMetrics.fitted(name, size: 12, room: left - TitleBlock.margin - 12)
      elements.append(.text(fitted, at: ChartPoint(x: left - 10, y: y + 20), style))
      for (column, cell) in cells[row].enumerated() {
        let box = ChartBox(
          x: left + Double(column) * pitch + 1, y: y + 1, width: pitch - 2, height: Self.rowHeight - 2)
        let fill = cell.map { Self.fill($0.value, largest: largest) } ?? Palette.field
        var tile = SVGElement.box(box, fill: fill, radius: 3)
        tile.children = [
          SVGElement("title", text: "\(name), \(columnNames[column]): \(cell?.text ?? "no value")")
        ]
        elements.append(tile)
        let color = cell == nil ? Palette.muted : fill.textColor
        let style = TextStyle(size: figureSize, color: color, anchor: .middle)
        elements.append(
          .text(cell?.text ?? NumberText.missing, at: ChartPoint(x: box.center.x, y: y + 20), style)
            .with("class", cell == nil ? nil : "fixed"))
      }
    }
    return SVGDocument(
      width: width, height: top + Double(rowNames.count) * Self.rowHeight + TitleBlock.margin, title: title,
      summary: summary, elements: elements)
  }

  private static func fill(_ value: Double, largest: Double) -> Color {
    guard value.isFinite, largest > 0 else { return ColorRamp.blue.color(0) }
    return (value < 0 ? ColorRamp.orange : .blue).color(abs(value) / largest)
  }

  private var summary: String {
    let rows = zip(rowNames, cells).map { name, cells in
      "\(name): "
        + zip(columnNames, cells).map { "\($0) \($1?.text ?? "no value")" }.joined(separator: ", ")
    }
    return (["Table of colours by \(columnTitle)"] + rows).joined(separator: ". ") + "."
  }
}
