import Testing

@testable import GraftCharts

@Suite struct LineChartTests {
  /// A loss that falls like 1/epoch from 0.89 to about 0.029.
  static let falling = (1...100).map { 0.0204 + 0.8696 / Double($0) }

  private func chart(_ series: [Series], scale: Axis.Scale = .linear) -> LineChart {
    LineChart(
      title: "Losses", xAxis: Axis("epoch"), yAxis: Axis("loss", scale: scale), series: series)
  }

  /// All texts of a chart, in order.
  private func texts(_ chart: LineChart) -> [String] {
    chart.document().elements.flatMap(\.flattened).compactMap(\.text)
  }

  @Test func namesAndLastValuesStandBesideTheLines() {
    let chart = chart([Series("train", values: Self.falling), Series("test", values: Self.falling.map { $0 + 0.1 })])
    let layout = LineChartLayout(chart)
    #expect(layout.legend == nil)
    #expect(layout.endLabels.map(\.key.name) == ["train", "test"])
    #expect(layout.endLabels.map(\.key.value) == ["0.029", "0.129"])
    #expect(texts(chart).contains("loss"))
  }

  @Test func labelsFitIntoThePictureAndKeepApart() {
    let series = (0..<6).map { Series("a rather long name \($0)", values: [0.5, 0.5 + Double($0) * 1e-4]) }
    let layout = LineChartLayout(chart(series))
    #expect(layout.endLabels.count == 6)
    for label in layout.endLabels { #expect(label.x + label.width <= layout.width) }
    let heights = layout.endLabels.map(\.y).sorted()
    #expect(zip(heights, heights.dropFirst()).allSatisfy { $1 - $0 >= EndLabel.pitch - 1e-9 })
    #expect(heights.allSatisfy { $0 >= layout.plot.y && $0 <= layout.plot.bottom })
  }

  @Test func spreadingKeepsFreeLabelsInPlace() {
    #expect(EndLabel.spread([50, 10, 90], pitch: 17, within: 0...100) == [50, 10, 90])
    #expect(EndLabel.spread([50, 50], pitch: 20, within: 0...100) == [40, 60])
    #expect(EndLabel.spread([100, 100, 100], pitch: 20, within: 0...100) == [60, 80, 100])
    #expect(EndLabel.spread([], pitch: 20, within: 0...100) == [])
  }

  // MARK: - Odd data

  @Test func gapsBreakTheLine() {
    let values = [1, 2, .nan, 3, .infinity, 4, 5]
    let layout = LineChartLayout(chart([Series("a", values: values)]))
    #expect(layout.lines[0].map(\.count) == [2, 1, 2])
    #expect(!chart([Series("a", values: values)]).svg().contains("nan"))
  }

  @Test func logarithmicAxesLeaveOutWhatIsNotPositive() {
    let layout = LineChartLayout(chart([Series("a", values: [1, 0, -1, 0.1, 0.01])], scale: .logarithmic))
    #expect(layout.lines[0].map(\.count) == [1, 2])
    #expect(LineChartLayout(chart([Series("a", values: [0, -1])], scale: .logarithmic)).lines[0].isEmpty)
  }

  @Test func nothingToShowIsSaid() {
    for series in [[], [Series("a", values: [])], [Series("a", values: [.nan, .infinity])]] {
      #expect(texts(chart(series)).contains("no data"))
    }
  }

  @Test func aSinglePointIsADot() {
    let chart = chart([Series("a", values: [0.5])])
    let layout = LineChartLayout(chart)
    let center = layout.plot.center
    let around = ChartBox(x: center.x, y: center.y, width: 0, height: 0).grown(by: 1e-6)
    #expect(layout.points.map { $0.filter(around.contains).count } == [1])
    #expect(chart.document().elements.flatMap(\.flattened).filter { $0.name == "circle" }.count == 1)
    #expect(layout.xTicks.labels == ["1"])
  }

  @Test(arguments: [
    [1e299, -1e299], [1e-299, 2e-299], [-1e-8, 1e-8], [.leastNonzeroMagnitude, 0], [.greatestFiniteMagnitude, 1],
    [1e9, 1e9 + 1e-3], [0, 0], [-7, -7],
    [1e-12, 1e12], [1, 1 + Double.ulpOfOne],
  ])
  func extremeValuesStayInTheFrame(values: [Double]) {
    for scale in [Axis.Scale.linear, .logarithmic] {
      let chart = chart([Series("a", values: values)], scale: scale)
      let layout = LineChartLayout(chart)
      for point in layout.lines.flatMap({ $0 }).flatMap({ $0 }) {
        #expect(layout.plot.grown(by: 1e-6).contains(point))
      }
      #expect(layout.plot.width > 200)
      #expect(!chart.svg().contains("inf"))
    }
  }

  @Test func aGivenRangeCutsTheLine() {
    var chart = chart([Series("a", values: Self.falling)])
    chart.yAxis.range = 0...0.2
    let layout = LineChartLayout(chart)
    #expect(layout.yTicks.labels.last == "0.20")
    #expect(layout.lines[0].flatMap { $0 }.allSatisfy(layout.plot.grown(by: 1e-6).contains))
    #expect(layout.points[0].count < 100)
  }

  @Test func referenceLinesExtendTheAxis() {
    var chart = chart([Series("a", values: [0.2, 0.1])])
    chart.references = [ReferenceLine("published", at: 0.9), ReferenceLine("broken", at: .nan)]
    let layout = LineChartLayout(chart)
    #expect(layout.references.count == 1)
    #expect(layout.endLabels.map(\.key.name) == ["a", "published"])
  }

  @Test func allTextStaysInsideThePicture() {
    let name = String(repeating: "a very long name ", count: 20)
    var chart = chart([Series(name, values: Self.falling)])
    (chart.title, chart.subtitle, chart.xAxis.title, chart.yAxis.title) = (name, name, name, name)
    chart.size = (10, -.infinity)
    let layout = LineChartLayout(chart)
    #expect(layout.width == 280)
    for element in chart.document().elements.flatMap(\.flattened) where element.name == "text" {
      guard let text = element.text, let x = element["x"].flatMap(Double.init),
        let size = element["font-size"].flatMap(Double.init)
      else { continue }
      let width = TextMetrics.width(text, size: size, bold: element["font-weight"] != nil)
      let start = element["text-anchor"] == "end" ? x - width : element["text-anchor"] == "middle" ? x - width / 2 : x
      #expect(start >= 0 && start + width <= layout.width)
    }
  }
}
