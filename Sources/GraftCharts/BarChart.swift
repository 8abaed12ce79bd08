/// A chart of upright bars from zero, side by side for each category, for counts and shares of few classes.
package struct BarChart: Sendable {
  /// A set of bars: one in every category.
  package struct Bars: Sendable, Equatable {
    package var name: String
    /// The values in the order of the categories; a value that is not finite or is negative has no bar.
    package var values: [Double]
    /// The colour of the bars; nil for the colour of their position.
    package var color: ColorRole?

    package init(_ name: String, _ values: [Double], color: ColorRole? = nil) {
      (self.name, self.values, self.color) = (name, values, color)
    }
  }

  package var title: String
  package var subtitle: String
  package var categories: [String]
  /// The name of the quantity on the category axis.
  package var categoryTitle: String
  package var yAxis: Axis
  package var bars: [Bars]
  package var size: (width: Double, height: Double)

  package init(
    title: String, subtitle: String = "", categories: [String], categoryTitle: String, yAxis: Axis, bars: [Bars],
    size: (width: Double, height: Double) = (720, 360)
  ) {
    (self.title, self.subtitle, self.categories, self.categoryTitle) = (title, subtitle, categories, categoryTitle)
    (self.yAxis, self.bars, self.size) = (yAxis, bars, size)
  }

  /// The chart as a tree of elements.
  package func document() -> SVGDocument {
    let titles = TitleBlock(title: title, subtitle: subtitle, width: size.width)
    // The legend stands above the bars, where it can cover none.
    let legend = bars.count > 1 ? legendElements(y: titles.bottom + 12) : []
    let top = titles.bottom + (yAxis.title.isEmpty ? 14 : 40) + (legend.isEmpty ? 0 : 22)
    let bottom = max(size.height - 64, top + 60)
    let values = bars.flatMap(\.values).filter { $0.isFinite && $0 > 0 }
    let steps = max(2, Int((bottom - top) / 48))
    let high = yAxis.domain(covering: [0] + values, count: steps, snug: false).upperBound
    let ticks = yAxis.ticks(over: 0...high, count: steps, whole: false)
    let y = Projection(yAxis, domain: 0...high, from: bottom, to: top)
    let left = TitleBlock.margin + 8 + (ticks.labels.map { TextMetrics.width($0, size: 12) }.max() ?? 0)
    let right = size.width - TitleBlock.margin
    var elements = titles.elements + legend
    if !yAxis.title.isEmpty {
      elements.append(
        .text(yAxis.title, at: ChartPoint(x: TitleBlock.margin, y: top - 15), TextStyle(size: 13)))
    }
    for (value, label) in zip(ticks.values, ticks.labels) {
      guard let place = y(value) else { continue }
      elements.append(
        .line(
          from: ChartPoint(x: left, y: place), to: ChartPoint(x: right, y: place),
          stroke: Stroke(value == 0 ? Palette.axis : Palette.grid)))
      let style = TextStyle(size: 12, color: Palette.muted, anchor: .end)
      elements.append(.text(label, at: ChartPoint(x: left - 8, y: place + 4), style))
    }
    let pitch = (right - left) / Double(max(categories.count, 1))
    let width = min(pitch * 0.8 / Double(max(bars.count, 1)), 34)
    for (category, name) in categories.enumerated() {
      let center = left + (Double(category) + 0.5) * pitch
      let style = TextStyle(size: 12, color: Palette.muted, anchor: .middle)
      let fitted = TextMetrics.fitted(name, size: 12, room: pitch - 4)
      elements.append(.text(fitted, at: ChartPoint(x: center, y: bottom + 18), style))
      for (index, own) in bars.enumerated() where category < own.values.count {
        let value = own.values[category]
        guard value > 0, let height = y(value) else { continue }
        let x = center + (Double(index) - Double(bars.count) / 2) * width
        var bar = SVGElement.box(
          ChartBox(x: x + 0.5, y: height, width: width - 1, height: bottom - height), fill: color(index), radius: 2)
        bar.children = [SVGElement("title", text: "\(name), \(own.name): \(LegendKey.text(value, ticks))")]
        elements.append(bar)
      }
    }
    let style = TextStyle(size: 13, anchor: .middle)
    elements.append(.text(categoryTitle, at: ChartPoint(x: (left + right) / 2, y: bottom + 42), style))
    return SVGDocument(
      width: size.width, height: bottom + 64, title: title, summary: summary(ticks), elements: elements)
  }

  private func color(_ index: Int) -> Color { Palette.color(bars[index].color ?? .series(index)) }

  private func legendElements(y: Double) -> [SVGElement] {
    var x = TitleBlock.margin
    return bars.indices.flatMap { index -> [SVGElement] in
      defer { x += 34 + TextMetrics.width(bars[index].name, size: 12) }
      return [
        .box(ChartBox(x: x, y: y - 1, width: 12, height: 12), fill: color(index), radius: 2),
        .text(bars[index].name, at: ChartPoint(x: x + 18, y: y + 9), TextStyle(size: 12)),
      ]
    }
  }

  private func summary(_ ticks: Ticks) -> String {
    let lines = bars.map { own in
      "\(own.name): "
        + zip(categories, own.values).map { "\($0) \(LegendKey.text($1, ticks))" }.joined(separator: ", ")
    }
    return (["Bar chart of \(yAxis.title) by \(categoryTitle)"] + lines).joined(separator: ". ") + "."
  }
}
