/// A chart of figures on one line each, with intervals if there are any. Readers compare positions, so the axis need not begin at
/// zero (Cleveland and McGill, "Graphical Perception", 1984).
package struct DotChart: Sendable {
  /// A line of the chart.
  package struct Row: Sendable, Equatable {
    package var name: String
    /// The value in units of the axis.
    package var value: Double
    /// The interval, drawn as a bar through the dot; nil if it is unknown.
    package var interval: ClosedRange<Double>?
    package var color: ColorRole
    /// Whether the mark is a ring and not a dot, for a figure from another source.
    package var isHollow: Bool

    package init(
      _ name: String, _ value: Double, interval: ClosedRange<Double>? = nil, color: ColorRole = .series(0),
      isHollow: Bool = false
    ) {
      (self.name, self.value, self.interval) = (name, value, interval)
      (self.color, self.isHollow) = (color, isHollow)
    }
  }

  /// A group of rows under a heading of its own.
  package struct Group: Sendable, Equatable {
    package var title: String
    package var rows: [Row]

    package init(_ title: String, _ rows: [Row]) { (self.title, self.rows) = (title, rows) }
  }

  package var title: String
  package var subtitle: String
  package var axis: Axis
  package var groups: [Group]
  /// A function that writes a figure; nil for two digits more than can be read off the axis.
  package var text: (@Sendable (Double) -> String)?
  /// The width of the picture, in pixels; its height follows from the rows.
  package var width: Double

  package init(
    title: String, subtitle: String = "", axis: Axis, groups: [Group], width: Double = 720,
    text: (@Sendable (Double) -> String)? = nil
  ) {
    (self.title, self.subtitle, self.axis, self.groups, self.width) = (title, subtitle, axis, groups, width)
    self.text = text
  }

  private static let pitch = 24.0
  private static let headingPitch = 32.0
  private static let nameSize = 12.0

  /// The chart as a tree of elements.
  package func document() -> SVGDocument {
    let titles = TitleBlock(title: title, subtitle: subtitle, width: width)
    let rows = groups.flatMap(\.rows)
    let values = rows.flatMap { [$0.value] + ($0.interval.map { [$0.lowerBound, $0.upperBound] } ?? []) }
    let domain = axis.domain(covering: values, count: 5, snug: false)
    let room = 0.42 * width
    let names = rows.map { TextMetrics.width($0.name, size: Self.nameSize) }.max() ?? 0
    let left = TitleBlock.margin + min(names, room) + 14
    let right = width - TitleBlock.margin - 44
    let x = Projection(axis, domain: domain, from: left, to: max(right, left + 40))
    let ticks = axis.ticks(over: domain, count: max(2, Int((right - left) / 90)), whole: false)

    var y = titles.bottom + 6
    var marks: [SVGElement] = []
    for group in groups {
      if !group.title.isEmpty {
        y += Self.headingPitch
        let style = TextStyle(size: 13, bold: true)
        marks.append(.text(group.title, at: ChartPoint(x: TitleBlock.margin, y: y - 8), style))
      }
      for row in group.rows {
        marks += self.marks(row, y: y + Self.pitch / 2, left: left, room: room, x, ticks)
        y += Self.pitch
      }
    }
    let bottom = y + 8
    let height = bottom + (axis.title.isEmpty ? 36 : 56)
    return SVGDocument(
      width: width, height: height, title: title, summary: summary(ticks),
      elements: titles.elements
        + [.group(grid(ticks, x, top: titles.bottom + 10, bottom: bottom, from: left, to: right)), .group(marks)])
  }

  private func marks(
    _ row: Row, y: Double, left: Double, room: Double, _ x: Projection, _ ticks: Ticks
  ) -> [SVGElement] {
    let name = TextMetrics.fitted(row.name, size: Self.nameSize, room: room)
    let style = TextStyle(size: Self.nameSize, color: Palette.ink, anchor: .end)
    var elements: [SVGElement] = [.text(name, at: ChartPoint(x: left - 12, y: y + 4), style)]
    guard let place = x(row.value) else { return elements }
    let color = Palette.color(row.color)
    var end = place
    if let interval = row.interval, let low = x(interval.lowerBound), let high = x(interval.upperBound) {
      elements.append(
        .line(from: ChartPoint(x: low, y: y), to: ChartPoint(x: high, y: y), stroke: Stroke(color, width: 3)))
      end = max(end, high)
    }
    let center = ChartPoint(x: place, y: y)
    if row.isHollow {
      elements.append(
        SVGElement(
          "circle",
          [
            "cx": .number(place), "cy": .number(y), "r": 5, "fill": .text(Palette.background.hex),
            "stroke": .text(color.hex), "stroke-width": 2,
          ]))
    } else {
      elements.append(.dot(at: center, radius: 5.5, fill: color, rim: 1))
    }
    let value = TextStyle(size: Self.nameSize, color: Palette.muted)
    elements.append(.text(written(row.value, ticks), at: ChartPoint(x: end + 11, y: y + 4), value))
    return elements
  }

  private func written(_ value: Double, _ ticks: Ticks) -> String { text?(value) ?? LegendKey.text(value, ticks) }

  private func grid(
    _ ticks: Ticks, _ x: Projection, top: Double, bottom: Double, from left: Double, to right: Double
  ) -> [SVGElement] {
    var elements: [SVGElement] = []
    for (value, label) in zip(ticks.values, ticks.labels) {
      guard let place = x(value) else { continue }
      elements.append(
        .line(
          from: ChartPoint(x: place, y: top), to: ChartPoint(x: place, y: bottom), stroke: Stroke(Palette.grid)))
      let style = TextStyle(size: Self.nameSize, color: Palette.muted, anchor: .middle)
      elements.append(.text(label, at: ChartPoint(x: place, y: bottom + 17), style))
    }
    if !axis.title.isEmpty {
      let style = TextStyle(size: 13, anchor: .middle)
      elements.append(.text(axis.title, at: ChartPoint(x: (left + right) / 2, y: bottom + 40), style))
    }
    return elements
  }

  private func summary(_ ticks: Ticks) -> String {
    let sentences = groups.map { group in
      let rows = group.rows.map { row in
        "\(row.name) \(written(row.value, ticks))"
          + (row.interval.map {
            " (\(written($0.lowerBound, ticks)) to \(written($0.upperBound, ticks)))"
          } ?? "")
      }
      return (group.title.isEmpty ? "" : "\(group.title): ") + rows.joined(separator: ", ")
    }
    return (["Dot chart of \(axis.title)"] + sentences).joined(separator: ". ") + "."
  }
}
