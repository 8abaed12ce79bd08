/// A name and a value to the right of the plot, beside the end of a line.
struct EndLabel: Sendable {
  var key: LegendKey
  /// The end of the line; its x is known when the plot is laid out.
  var end: ChartPoint
  /// The middle of the label, moved away from `end` if labels would overlap.
  var y: Double
  var x = 0.0

  /// The distance between two labels, in pixels.
  static let pitch = 17.0
  private static let space = 6.0

  /// The width in pixels.
  var width: Double { key.nameWidth + Self.space + key.valueWidth }

  /// Labels for all lines of the chart, or none if they do not fit and a legend is needed.
  ///
  /// - Parameters:
  ///   - keys: The keys of the series and reference lines, in this order.
  ///   - x: The projection from 0 at the left to 1 at the right.
  ///   - rows: The range in which labels may stand, in pixels.
  ///   - room: The greatest width of a label.
  static func labels(
    of chart: LineChart, keys: [LegendKey], x: Projection, y: Projection, rows: ClosedRange<Double>, room: Double
  ) -> [EndLabel] {
    guard chart.labels == .automatic, Double(keys.count) * pitch <= rows.upperBound - rows.lowerBound else { return [] }
    let points = chart.series.map { line in line.points.last { x($0.x) != nil && y($0.y) != nil } }
    // A label far from its line names nothing.
    let reachBorder = points.allSatisfy { point in
      guard let point, let place = x(point.x) else { return false }
      return place >= 0.94 && place <= 1 + 1e-9
    }
    guard reachBorder else { return [] }
    let values = points.compactMap { $0?.y } + chart.references.map(\.value).filter(chart.yAxis.admits)
    let heights = values.compactMap { y($0) }
    guard heights.count == keys.count, heights.allSatisfy(rows.contains) else { return [] }
    let places = spread(heights, pitch: pitch, within: rows)
    let labels = zip(zip(keys, heights), places).map { pair, place in
      EndLabel(
        key: pair.0.fitted(max(60, min(200, room - pair.0.valueWidth))), end: ChartPoint(x: 0, y: pair.1), y: place)
    }
    return labels.allSatisfy { $0.width <= room + space } ? labels : []
  }

  /// The label at its place beside `plot`.
  func beside(_ plot: ChartBox) -> EndLabel {
    var result = self
    result.end.x = plot.right
    result.x = plot.right + LineChartLayout.labelGap
    return result
  }

  var elements: [SVGElement] {
    var elements: [SVGElement] = []
    if abs(y - end.y) > 3 {
      let stroke = Stroke(key.stroke.color.mixed(with: Palette.background, share: 0.4))
      elements.append(
        .polylines(
          [[ChartPoint(x: end.x + 4, y: end.y), ChartPoint(x: x - 3, y: y)]], stroke: stroke))
    }
    var text = SVGElement.text("", at: ChartPoint(x: x, y: y + 4), key.valueStyle)
    text.children = [
      SVGElement("tspan", text: key.name).with("font-weight", key.nameStyle.bold ? "600" : nil)
        .with("fill", .text(key.nameStyle.color.hex)),
      SVGElement("tspan", ["dx": .number(Self.space)], text: key.value),
    ]
    elements.append(text)
    return elements
  }

  /// Moves places apart until they are `pitch` from each other, and keeps each group centred at its members' wishes as far
  /// as `range` allows: the least squares solution (pool adjacent violators).
  static func spread(_ wishes: [Double], pitch: Double, within range: ClosedRange<Double>) -> [Double] {
    struct Block {
      var members: [Int]
      /// The sum of the members' wishes for the place of the first of them.
      var total: Double
    }
    func start(_ block: Block) -> Double {
      let last = range.upperBound - pitch * Double(block.members.count - 1)
      return max(range.lowerBound, min(last, block.total / Double(block.members.count)))
    }
    var blocks: [Block] = []
    let order = wishes.indices.sorted { (wishes[$0], $0) < (wishes[$1], $1) }
    for index in order {
      var block = Block(members: [index], total: wishes[index])
      while let above = blocks.last, start(above) + pitch * Double(above.members.count) > start(block) {
        let shift = pitch * Double(above.members.count * block.members.count)
        block = Block(members: above.members + block.members, total: above.total + block.total - shift)
        blocks.removeLast()
      }
      blocks.append(block)
    }
    var places = wishes
    for block in blocks {
      for (row, member) in block.members.enumerated() { places[member] = start(block) + pitch * Double(row) }
    }
    return places
  }
}
