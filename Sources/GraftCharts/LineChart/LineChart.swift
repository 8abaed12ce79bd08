/// A chart of lines over a common x: losses and accuracies over epochs, accuracies over sample sizes.
///
/// Each line has its name and last value beside its end if there is room, else in a legend that covers no data.
package struct LineChart: Sendable {
  /// The place of the names of the lines.
  package enum Labels: Sendable {
    /// Names beside the ends of the lines if all reach the right border and there is room, else in a legend.
    case automatic
    /// A legend in the corner of the plot that is free of data, or to the right of the plot if none is.
    case legend
  }

  /// The bold first line; broken into two if it is long.
  package var title: String
  /// The grey line below the title; empty for none.
  package var subtitle: String
  /// The axis that runs to the right.
  package var xAxis: Axis
  /// The axis that runs upwards.
  package var yAxis: Axis
  /// The lines, from back to front; their position decides their colour.
  package var series: [Series]
  /// Values to compare with; the y axis extends to them.
  package var references: [ReferenceLine]
  /// The size in pixels, at least 280 x 200.
  package var size: (width: Double, height: Double)
  /// The place of the names of the lines.
  package var labels: Labels

  /// A chart of `series`; see the properties.
  package init(
    title: String, subtitle: String = "", xAxis: Axis, yAxis: Axis, series: [Series],
    references: [ReferenceLine] = [], size: (width: Double, height: Double) = (720, 440), labels: Labels = .automatic
  ) {
    self.title = title
    self.subtitle = subtitle
    self.xAxis = xAxis
    self.yAxis = yAxis
    self.series = series
    self.references = references
    self.size = size
    self.labels = labels
  }

  /// The chart as a self-contained SVG file; the same chart always gives the same bytes.
  package func svg() -> String { document().source }

  /// The chart as a tree of elements.
  package func document() -> SVGDocument {
    let layout = LineChartLayout(self)
    return SVGDocument(
      width: layout.width, height: layout.height, title: title, summary: summary(layout),
      elements: layout.titles.elements + axisElements(layout) + dataElements(layout) + labelElements(layout))
  }

  /// The colour of the series number `index`.
  func color(_ index: Int) -> Color { Palette.color(series[index].color ?? .series(index)) }

  /// The lengths of dashes and gaps in pixels.
  static let dashes = [6.0, 4.0]
  static let referenceStroke = Stroke(Palette.muted, width: 1.25, dashes: [2, 3])

  /// A description in words for readers who cannot see the chart.
  private func summary(_ layout: LineChartLayout) -> String {
    var sentences = ["Line chart"]
    if !yAxis.title.isEmpty { sentences[0] += " of \(yAxis.title)" }
    if !xAxis.title.isEmpty { sentences[0] += " over \(xAxis.title)" }
    for line in series {
      let shown = line.points.filter { xAxis.admits($0.x) && yAxis.admits($0.y) }
      guard let first = shown.first, let last = shown.last else {
        sentences.append("\(line.name): no data")
        continue
      }
      let values = shown.count == 1 ? layout.text(last.y) : "from \(layout.text(first.y)) to \(layout.text(last.y))"
      sentences.append("\(line.name): \(values) (\(shown.count == 1 ? "1 point" : "\(shown.count) points"))")
    }
    for line in references { sentences.append("\(line.label): \(layout.text(line.value))") }
    return sentences.joined(separator: ". ") + "."
  }
}

/// A horizontal line at a value to compare with, such as a published one.
package struct ReferenceLine: Sendable, Equatable {
  /// The label of the value, such as "published".
  package var label: String
  /// The value in units of the y axis.
  package var value: Double

  /// A line named `label` at `value`, in units of the y axis.
  package init(_ label: String, at value: Double) {
    self.label = label
    self.value = value
  }
}
