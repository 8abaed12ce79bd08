extension LineChart {
  private static let labelSize = 12.0

  // MARK: - Axes

  /// The grid and the axes with their labels and titles.
  func axisElements(_ layout: LineChartLayout) -> [SVGElement] {
    let plot = layout.plot
    var lines: [SVGElement] = []
    var texts: [SVGElement] = []

    func horizontal(_ y: Double, _ color: Color) -> SVGElement {
      .line(from: ChartPoint(x: plot.x, y: y), to: ChartPoint(x: plot.right, y: y), stroke: Stroke(color))
    }
    for value in layout.yTicks.minor {
      if let y = layout.y(value) { lines.append(horizontal(y, Palette.field)) }
    }
    for (value, label) in zip(layout.yTicks.values, layout.yTicks.labels) {
      guard let y = layout.y(value) else { continue }
      let isZero = value == 0 && yAxis.scale == .linear
      // The axis itself is drawn there.
      if abs(y - plot.bottom) > 0.5 { lines.append(horizontal(y, isZero ? Palette.axis : Palette.grid)) }
      let style = TextStyle(size: Self.labelSize, color: Palette.muted, anchor: .end)
      texts.append(.text(label, at: ChartPoint(x: plot.x - 8, y: y + 4), style))
    }
    lines.append(horizontal(plot.bottom, Palette.axis))

    func mark(_ x: Double, length: Double) -> SVGElement {
      .line(
        from: ChartPoint(x: x, y: plot.bottom), to: ChartPoint(x: x, y: plot.bottom + length),
        stroke: Stroke(Palette.axis))
    }
    for value in layout.xTicks.minor {
      if let x = layout.x(value) { lines.append(mark(x, length: 3)) }
    }
    for (value, label) in zip(layout.xTicks.values, layout.xTicks.labels) {
      guard let x = layout.x(value) else { continue }
      lines.append(mark(x, length: 5))
      let style = TextStyle(size: Self.labelSize, color: Palette.muted, anchor: .middle)
      texts.append(.text(label, at: ChartPoint(x: x, y: plot.bottom + 19), style))
    }
    return [.group(lines), .group(texts + axisTitles(layout))]
  }

  /// The titles of the axes. The y axis has its title level above it, where it is read without turning one's head.
  private func axisTitles(_ layout: LineChartLayout) -> [SVGElement] {
    var style = TextStyle(size: 13, color: Palette.ink)
    var titles: [SVGElement] = []
    if !yAxis.title.isEmpty {
      let room = layout.width - 2 * TitleBlock.margin
      let text = TextMetrics.fitted(yAxis.title, size: style.size, room: room)
      titles.append(.text(text, at: ChartPoint(x: TitleBlock.margin, y: layout.plot.y - 17), style))
    }
    if !xAxis.title.isEmpty {
      style.anchor = .middle
      let text = TextMetrics.fitted(xAxis.title, size: style.size, room: layout.plot.width)
      titles.append(.text(text, at: ChartPoint(x: layout.plot.center.x, y: layout.plot.bottom + 42), style))
    }
    return titles
  }

  // MARK: - Data

  /// The bands, reference lines and lines, from back to front.
  func dataElements(_ layout: LineChartLayout) -> [SVGElement] {
    var elements: [SVGElement] = []
    for (index, parts) in layout.bands.enumerated() where !parts.isEmpty {
      elements.append(.polygons(parts, fill: color(index), opacity: 0.16).ofSeries(index))
    }
    if !layout.references.isEmpty { elements.append(.polylines(layout.references, stroke: Self.referenceStroke)) }
    for (index, parts) in layout.lines.enumerated() {
      let stroke = Stroke(color(index), width: 2, dashes: series[index].dashed ? Self.dashes : [])
      let drawn = series[index].isScatter ? [] : parts.filter { $0.count > 1 }
      let line: [SVGElement] = drawn.isEmpty ? [] : [.polylines(drawn, stroke: stroke)]
      let dots =
        series[index].isScatter
        ? layout.points[index].map { SVGElement.dot(at: $0, radius: 4, fill: color(index), rim: 1) }
        : dots(parts, layout.points[index], color: color(index))
      elements.append(.group(line + dots).ofSeries(index))
    }
    if layout.lines.allSatisfy(\.isEmpty) && layout.bands.allSatisfy(\.isEmpty) {
      let style = TextStyle(size: 13, color: Palette.muted, anchor: .middle)
      elements.append(.text("no data", at: layout.plot.center, style))
    }
    return elements
  }

  /// The dots on all points of a short line; on a long line only on single points between gaps and on the end.
  private func dots(_ parts: [[ChartPoint]], _ points: [ChartPoint], color: Color) -> [SVGElement] {
    let marked = points.count <= 16 ? points[...] : points.suffix(1)
    let single = points.count <= 16 ? [] : parts.filter { $0.count == 1 }.flatMap { $0 }
    return single.map { .dot(at: $0, radius: 2, fill: color) }
      + marked.map { .dot(at: $0, radius: 3.5, fill: color, rim: 1.25) }
  }

  // MARK: - Names

  /// The legend or the labels at the line ends.
  func labelElements(_ layout: LineChartLayout) -> [SVGElement] {
    if let legend = layout.legend { return [.group(legend.keys.elements(in: legend.box))] }
    // The labels of the series come first, in their order; those of the reference lines follow.
    return layout.endLabels.enumerated().map { index, label in
      let group = SVGElement.group(label.elements)
      return index < series.count ? group.ofSeries(index) : group
    }
  }
}

extension SVGElement {
  /// Marks the element with its line, for a page on which lines can be switched off.
  fileprivate func ofSeries(_ index: Int) -> SVGElement { with("data-series", .text("\(index)")) }
}
