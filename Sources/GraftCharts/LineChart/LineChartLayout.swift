/// The layout of a line chart, in pixels.
struct LineChartLayout: Sendable {
  let width: Double
  let height: Double
  let titles: TitleBlock
  /// The area in which data are drawn.
  let plot: ChartBox
  let x: Projection
  let y: Projection
  let xTicks: Ticks
  let yTicks: Ticks
  /// The unbroken parts of each series's line.
  let lines: [[[ChartPoint]]]
  /// The points of each series that lie in the plot.
  let points: [[ChartPoint]]
  /// The unbroken parts of each series's band, as polygons.
  let bands: [[[ChartPoint]]]
  /// The reference lines that lie in the plot.
  let references: [[ChartPoint]]
  let endLabels: [EndLabel]
  let legend: (keys: Legend, box: ChartBox)?

  /// The gap between the plot and the labels or legend to the right of it.
  static let labelGap = 14.0

  init(_ chart: LineChart) {
    // Local names, as closures cannot see a value that is not complete yet.
    let width = Self.sane(chart.size.width, least: 280)
    let height = Self.sane(chart.size.height, least: 200)
    let titles = TitleBlock(title: chart.title, subtitle: chart.subtitle, width: width)
    let top = titles.bottom + (chart.yAxis.title.isEmpty ? 14 : 42)
    let bottom = max(height - (chart.xAxis.title.isEmpty ? 42 : 64), top + 40)

    // Heights come first: they decide the labels of the y axis, and these decide the width that is left.
    let ys = chart.series.flatMap { $0.points.map(\.y) + $0.band.flatMap { [$0.low, $0.high] } }
    let ySteps = max(2, Int((bottom - top) / 52))
    let yDomain = chart.yAxis.domain(covering: ys + chart.references.map(\.value), count: ySteps, snug: false)
    let yTicks = chart.yAxis.ticks(over: yDomain, count: ySteps, whole: false)
    let y = Projection(chart.yAxis, domain: yDomain, from: bottom, to: top)
    let left = TitleBlock.margin + 8 + (yTicks.labels.map { TextMetrics.width($0, size: 12) }.max() ?? 0)

    let xs = chart.series.flatMap { $0.points.map(\.x) + $0.band.map(\.x) }
    let xDomain = chart.xAxis.domain(covering: xs, count: 5, snug: !chart.series.contains(where: \.isScatter))
    // Epochs and counts get no ticks between whole numbers.
    let whole =
      xDomain.contains(xDomain.lowerBound.rounded(.up))
      && xs.filter(chart.xAxis.admits).allSatisfy { $0 == $0.rounded() }
    func xTicks(_ plotWidth: Double) -> Ticks {
      Self.xTicks(chart.xAxis, over: xDomain, whole: whole, plotWidth: plotWidth)
    }

    let keys = LegendKey.keys(of: chart, ticks: yTicks)
    let ends = EndLabel.labels(
      of: chart, keys: keys, x: Projection(chart.xAxis, domain: xDomain, from: 0, to: 1), y: y,
      rows: top...bottom, room: 0.36 * width)
    let lastLabel = xTicks(width - left).labels.last.map { TextMetrics.width($0, size: 12) / 2 + 4 } ?? 0
    let free = max(TitleBlock.margin, lastLabel)

    func geometry(reserving room: Double) -> PlotGeometry {
      let plot = ChartBox(x: left, y: top, width: max(width - left - room, 40), height: bottom - top)
      return PlotGeometry(chart, plot: plot, xDomain: xDomain, y: y)
    }
    func geometry(beside column: Double) -> PlotGeometry {
      geometry(reserving: max(free, Self.labelGap + column + TitleBlock.margin))
    }
    var drawn = geometry(reserving: free)
    var legend: (Legend, ChartBox)?
    if let column = ends.map(\.width).max() {
      drawn = geometry(beside: column)
    } else if !keys.isEmpty {
      let inside = Legend(keys, room: 0.5 * drawn.plot.width, height: drawn.plot.height - 20)
      if let box = drawn.freeCorner(for: inside.size) {
        legend = (inside, box)
      } else {
        let beside = Legend(keys, room: 0.34 * width, height: bottom - top)
        drawn = geometry(beside: beside.size.width)
        let left = drawn.plot.right + Self.labelGap
        legend = (beside, ChartBox(x: left, y: top, width: beside.size.width, height: beside.size.height))
      }
    }
    (self.width, self.height, self.titles) = (width, height, titles)
    (self.y, self.yTicks) = (y, yTicks)
    plot = drawn.plot
    x = drawn.x
    lines = drawn.lines
    points = drawn.points
    bands = drawn.bands
    references = drawn.references
    self.xTicks = xTicks(drawn.plot.width)
    self.legend = legend
    endLabels = ends.map { $0.beside(drawn.plot) }
  }

  /// The text of `value` with two digits more than can be read off the chart.
  func text(_ value: Double) -> String { LegendKey.text(value, yTicks) }

  /// As many ticks as have room for their labels.
  private static func xTicks(
    _ axis: Axis, over domain: ClosedRange<Double>, whole: Bool, plotWidth: Double
  ) -> Ticks {
    for count in stride(from: max(2, Int(plotWidth / 80)), to: 1, by: -1) {
      let ticks = axis.ticks(over: domain, count: count, whole: whole)
      let widest = ticks.labels.map { TextMetrics.width($0, size: 12) }.max() ?? 0
      if (widest + 16) * Double(ticks.labels.count) <= plotWidth { return ticks }
    }
    return axis.ticks(over: domain, count: 1, whole: whole)
  }

  private static func sane(_ length: Double, least: Double) -> Double {
    length.isFinite ? min(max(length, least), 10_000) : least
  }
}
