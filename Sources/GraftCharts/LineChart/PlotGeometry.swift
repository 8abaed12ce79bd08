/// The data of a line chart in pixels, cut at the border of the plot.
struct PlotGeometry: Sendable {
  let plot: ChartBox
  let x: Projection
  /// The lines, points, bands and references as in `LineChartLayout`.
  let lines: [[[ChartPoint]]]
  let points: [[ChartPoint]]
  let bands: [[[ChartPoint]]]
  let references: [[ChartPoint]]

  init(_ chart: LineChart, plot: ChartBox, xDomain: ClosedRange<Double>, y: Projection) {
    let x = Projection(chart.xAxis, domain: xDomain, from: plot.x, to: plot.right)
    self.plot = plot
    self.x = x
    let places = chart.series.map { series in
      series.points.map { point in
        x(point.x).flatMap { px in y(point.y).map { ChartPoint(x: px, y: $0) } }
      }
    }
    lines = zip(chart.series, places).map { series, places in
      // A dot is a line of one point, so no segment between dots keeps the legend away.
      series.isScatter
        ? places.compactMap { $0 }.filter(plot.contains).map { [$0] } : Self.runs(places).flatMap(plot.clipped(line:))
    }
    points = places.map { $0.compactMap { $0 }.filter(plot.contains) }
    bands = chart.series.map { series in
      let places = series.band.map { interval -> Edge? in
        guard let px = x(interval.x), let low = y(interval.low), let high = y(interval.high) else { return nil }
        return Edge(low: ChartPoint(x: px, y: low), high: ChartPoint(x: px, y: high))
      }
      return Self.runs(places).map(Self.polygon).map(plot.clipped(polygon:)).filter { $0.count > 2 }
    }
    references = chart.references.compactMap { line in
      guard let py = y(line.value), py >= plot.y, py <= plot.bottom else { return nil }
      return [ChartPoint(x: plot.x, y: py), ChartPoint(x: plot.right, y: py)]
    }
  }

  // MARK: - Free room

  /// A corner of the plot for a box of `size` in which nothing is drawn; nil if there is none.
  func freeCorner(for size: (width: Double, height: Double)) -> ChartBox? {
    let inset = 10.0
    guard size.width + 2 * inset < plot.width, size.height + 2 * inset < plot.height else { return nil }
    let (left, right) = (plot.x + inset, plot.right - inset - size.width)
    let (top, bottom) = (plot.y + inset, plot.bottom - inset - size.height)
    let corners = [(right, top), (right, bottom), (left, top), (left, bottom)]
    let boxes = corners.map { ChartBox(x: $0.0, y: $0.1, width: size.width, height: size.height) }
    return boxes.first { marks(in: $0.grown(by: 8)) == 0 }
  }

  /// The number of drawn pieces that touch `box`: dots, segments of lines, and bands.
  func marks(in box: ChartBox) -> Int {
    let parts = lines.flatMap { $0 } + references
    let segments = parts.reduce(0) { count, part in
      let touching = zip(part, part.dropFirst()).filter { box.clipped($0, $1) != nil }.count
      return count + touching + (part.count == 1 ? part.filter(box.contains).count : 0)
    }
    return segments + bands.flatMap { $0 }.filter(box.meets(polygon:)).count
  }

  // MARK: - Parts

  private struct Edge {
    var low: ChartPoint
    var high: ChartPoint
  }

  /// The stretches between gaps.
  private static func runs<Element>(_ places: [Element?]) -> [[Element]] {
    places.split(whereSeparator: { $0 == nil }).map { $0.compactMap { $0 } }
  }

  /// The outline of a band; a single interval becomes a bar 3 pixels wide.
  private static func polygon(_ edges: [Edge]) -> [ChartPoint] {
    if let only = edges.first, edges.count == 1 {
      return [(only.low, -1.5), (only.high, -1.5), (only.high, 1.5), (only.low, 1.5)]
        .map { ChartPoint(x: $0.0.x + $0.1, y: $0.0.y) }
    }
    return edges.map(\.high) + edges.reversed().map(\.low)
  }
}
