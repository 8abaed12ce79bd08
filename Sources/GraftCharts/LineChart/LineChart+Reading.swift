import GraftFiles

extension LineChart {
  /// The values to read off with a pointer: for each line in the axes' units, as text, and in pixels.
  package var reading: JSON {
    let layout = LineChartLayout(self)
    let lines = series.map { line -> JSON in
      let points = line.points.compactMap { point -> (Series.Point, Double, Double)? in
        guard let x = layout.x(point.x), let y = layout.y(point.y) else { return nil }
        return layout.plot.contains(ChartPoint(x: x, y: y)) ? (point, x, y) : nil
      }
      func tenths(_ value: Double) -> JSON { .number((value * 10).rounded() / 10) }
      return [
        "name": .string(line.name), "x": .array(points.map { .number($0.0.x) }),
        "text": .array(points.map { .string(layout.text($0.0.y)) }), "px": .array(points.map { tenths($0.1) }),
        "py": .array(points.map { tenths($0.2) }),
      ]
    }
    let plot = layout.plot
    return [
      "plot": .array([plot.x, plot.y, plot.width, plot.height].map(JSON.number)),
      "size": .array([layout.width, layout.height].map(JSON.number)), "x": .string(xAxis.title),
      "series": .array(lines),
    ]
  }
}
