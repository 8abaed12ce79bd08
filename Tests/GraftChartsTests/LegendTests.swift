import Testing

@testable import GraftCharts

@Suite struct LegendTests {
  private func layout(_ series: [Series], references: [ReferenceLine] = []) -> LineChartLayout {
    LineChartLayout(
      LineChart(
        title: "", xAxis: Axis("x"), yAxis: Axis("y"), series: series, references: references, labels: .legend))
  }

  /// Whether no drawn point, line or band lies under the legend. Lines are sampled, independently of the layout's test.
  private func isFree(_ layout: LineChartLayout) -> Bool {
    guard let box = layout.legend?.box else { return false }
    for part in layout.lines.flatMap({ $0 }) + layout.references {
      for (start, end) in zip(part, part.dropFirst()) {
        for step in 0...200 {
          let share = Double(step) / 200
          let point = ChartPoint(x: start.x + share * (end.x - start.x), y: start.y + share * (end.y - start.y))
          if box.contains(point) { return false }
        }
      }
    }
    return !layout.points.flatMap { $0 }.contains(where: box.contains)
  }

  @Test func theEmptyCornerIsTaken() throws {
    let steps = (0...50).map(Double.init)
    let curves: [(right: Bool, top: Bool, y: (Double) -> Double)] = [
      (true, true, { 1 / (1 + $0) }), (true, false, { 1 - 1 / (1 + $0) }),
      (false, true, { 1 / (51 - $0) }), (false, false, { 1 - 1 / (51 - $0) }),
    ]
    for curve in curves {
      let layout = layout([Series("a name", points: steps.map { (x: $0, y: curve.y($0)) })])
      let box = try #require(layout.legend?.box)
      #expect((box.center.x > layout.plot.center.x) == curve.right)
      #expect((box.center.y < layout.plot.center.y) == curve.top)
      #expect(isFree(layout))
      #expect(layout.plot.contains(box.center))
    }
  }

  @Test func withoutAFreeCornerItStandsOutside() throws {
    let zigzag = (0...60).map { $0 % 2 == 0 ? 0.0 : 1.0 }
    let layout = layout([Series("a", values: zigzag), Series("b", values: zigzag.reversed())])
    let box = try #require(layout.legend?.box)
    #expect(box.x > layout.plot.right)
    #expect(box.right <= layout.width)
    #expect(isFree(layout))
  }

  @Test func aLineBetweenDistantPointsCounts() throws {
    // Both points are in corners; the line between them, the references and the band occupy the other two.
    let cross = [
      Series("a", points: [(x: 0, y: 0), (x: 1, y: 1)]), Series("b", points: [(x: 0, y: 1), (x: 1, y: 0)]),
    ]
    #expect(isFree(layout(cross)))
    let band = (0...4).map { Series.Interval(x: Double($0), low: 0, high: 1) }
    let covered = layout([Series("a", points: [(x: 0, y: 0.5), (x: 4, y: 0.5)], band: band)])
    #expect(try #require(covered.legend?.box.x) > covered.plot.right)
  }

  @Test func randomLinesAreNeverCovered() {
    var state: UInt64 = 1
    func random() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 40) / 16_777_216
    }
    for count in 1...40 {
      let series = (0..<(count % 5 + 1)).map { index in
        Series("line \(index)", points: (0...count).map { _ in (x: random(), y: random() * random()) })
      }
      #expect(isFree(layout(series, references: [ReferenceLine("reference", at: random())])))
    }
  }

  @Test func aLineThatEndsEarlyNeedsALegend() {
    let series = [Series("long", values: [1, 0.5, 0.2, 0.1, 0.1]), Series("short", values: [1, 0.9])]
    let chart = LineChart(title: "", xAxis: Axis(), yAxis: Axis(), series: series)
    #expect(LineChartLayout(chart).legend != nil)
    #expect(LineChartLayout(chart).endLabels.isEmpty)
  }

  @Test func tooManyLinesAreCounted() throws {
    let layout = layout((0..<100).map { Series("line \($0)", values: [Double($0), 1]) })
    let legend = try #require(layout.legend)
    #expect(legend.keys.hidden > 0)
    #expect(legend.keys.hidden + legend.keys.keys.count == 100)
    #expect(legend.box.bottom <= layout.height)
  }
}
