/// The key of a line: its name, its last value and its look.
struct LegendKey: Sendable, Equatable {
  var name: String
  /// The last value as text; empty for a line without points.
  var value: String
  var stroke: Stroke
  /// Whether the line is only for comparison; its name then steps back.
  var isReference: Bool
  /// Whether the key stands for dots instead of a line.
  var isDot = false

  static let fontSize = 12.0

  /// The keys of all series, then of all reference lines.
  static func keys(of chart: LineChart, ticks: Ticks) -> [LegendKey] {
    let series = chart.series.enumerated().map { index, line in
      let last = line.points.last { chart.xAxis.admits($0.x) && chart.yAxis.admits($0.y) }
      let stroke = Stroke(chart.color(index), width: 2, dashes: line.dashed ? LineChart.dashes : [])
      let value = line.isScatter ? nil : last.map { text($0.y, ticks) }
      return LegendKey(
        name: line.name, value: value ?? "", stroke: stroke, isReference: false, isDot: line.isScatter)
    }
    let references = chart.references.filter { chart.yAxis.admits($0.value) }.map { line in
      LegendKey(
        name: line.label, value: text(line.value, ticks), stroke: LineChart.referenceStroke, isReference: true)
    }
    return series + references
  }

  /// `value` with two digits more than can be read off the axis, or with three significant digits.
  static func text(_ value: Double, _ ticks: Ticks) -> String {
    guard let decimals = ticks.valueDecimals else { return NumberText.significant(value, digits: 3) }
    return NumberText.fixed(value, decimals: decimals)
  }

  var nameStyle: TextStyle {
    TextStyle(
      size: Self.fontSize, color: isReference ? Palette.muted : stroke.color.readable, bold: !isReference)
  }
  var valueStyle: TextStyle { TextStyle(size: Self.fontSize, color: Palette.muted) }

  var nameWidth: Double { TextMetrics.width(name, size: Self.fontSize, bold: !isReference) }
  var valueWidth: Double { TextMetrics.width(value, size: Self.fontSize) }

  /// The key with its name cut to `room` pixels.
  func fitted(_ room: Double) -> LegendKey {
    var result = self
    result.name = TextMetrics.fitted(name, size: Self.fontSize, bold: !isReference, room: room)
    return result
  }
}
