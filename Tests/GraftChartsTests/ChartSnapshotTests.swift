import Foundation
import Testing

@testable import GraftCharts

/// Whole pictures against the files in `Snapshots`. After a wanted change, record them anew with `RECORD_SNAPSHOTS=1`
/// and look at every one.
@Suite struct ChartSnapshotTests {
  private func check(_ svg: String, _ name: String) throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Snapshots/\(name).svg")
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
      try svg.write(to: file, atomically: true, encoding: .utf8)
    }
    let expected = try String(contentsOf: file, encoding: .utf8)
    #expect(svg == expected, "\(name).svg has changed; look at it and record it anew with RECORD_SNAPSHOTS=1")
    // Whatever else it is, it is well-formed XML.
    #expect(XMLNesting.isBalanced(svg))
  }

  private static let train = (1...100).map { 0.0204 + 0.8696 / Double($0) }
  private static let test = (1...100).map { 0.0473 + 0.2727 / Double($0) }

  @Test func lossCurves() throws {
    let chart = LineChart(
      title: "Training on the even digits", subtitle: "seed 1 · learning rate 0.1", xAxis: Axis("epoch"),
      yAxis: Axis("cross-entropy per image"),
      series: [Series("train", values: Self.train), Series("test", values: Self.test)],
      references: [ReferenceLine("published", at: 0.061)])
    try check(chart.svg(), "loss")
  }

  @Test func logarithmicAxesWithBandsAndALegend() throws {
    let sizes = [10.0, 20, 50, 100, 200, 500, 1000, 2000]
    let tuned = sizes.map { (x: $0, y: 99 - 200 / ($0 + 10)) }
    let scratch = sizes.map { (x: $0, y: 99 - 900 / ($0 + 10)) }
    let band = scratch.map { Series.Interval(x: $0.x, low: $0.y - 40 / $0.x, high: $0.y + 30 / $0.x) }
    let chart = LineChart(
      title: "Pretrained weights save labels", xAxis: Axis("labelled images", scale: .logarithmic),
      yAxis: Axis("accuracy / %"),
      series: [Series("fine-tuned", points: tuned), Series("from scratch", points: scratch, band: band, dashed: true)],
      labels: .legend)
    try check(chart.svg(), "efficiency")
  }

  @Test func gapsAndSinglePoints() throws {
    var values = (1...40).map { 2 / Double($0) }
    values[11] = .nan
    values[13] = .infinity
    let chart = LineChart(
      title: "Diverged", xAxis: Axis("step"), yAxis: Axis("loss", scale: .logarithmic),
      series: [Series("train", values: values)], size: (480, 300))
    try check(chart.svg(), "gaps")
  }

  @Test func noData() throws {
    try check(LineChart(title: "Nothing yet", xAxis: Axis("epoch"), yAxis: Axis("loss"), series: []).svg(), "empty")
  }

  @Test func confusionMatrix() throws {
    let chart = ConfusionMatrixChart(
      title: "Neural network on the even digits", subtitle: "published", counts: ConfusionMatrixChartTests.even,
      classNames: ["0", "2", "4", "6", "8"])
    try check(chart.svg(), "confusion")
  }

  @Test func confusionMatrixWithTurnedNames() throws {
    let chart = ConfusionMatrixChart(
      title: "Clothes", counts: [[850, 12, 138], [3, 990, 7], [95, 0, 905]],
      classNames: ["T-shirt/top", "Ankle boot", "Pullover"])
    try check(chart.svg(), "names")
  }

  @Test func dotsWithIntervals() throws {
    let chart = DotChart(
      title: "Transfer", subtitle: "rings: published", axis: Axis("test accuracy / %"),
      groups: [
        .init(
          "even → odd",
          [
            .init("published", 98.06, color: .series(1), isHollow: true),
            .init("ours", 97.34, interval: 96.86...97.75), .init("from scratch", 98.94, color: .series(2)),
          ]), .init("odd → even", [.init("ours", 97.93, interval: 97.49...98.29)]),
      ])
    try check(chart.document().source, "dots")
  }

  @Test func bars() throws {
    let chart = BarChart(
      title: "Missed", categories: ["1", "3", "5", "a long name of a class"], categoryTitle: "true class",
      yAxis: Axis("wrong answers / %"),
      bars: [.init("softmax", [1, 7.5, .nan, 0]), .init("network", [0.5, 2.25, 3, 4])])
    try check(chart.document().source, "bars")
  }

  @Test func heatMap() throws {
    let chart = HeatMap(
      title: "Gain", subtitle: "points", rowNames: ["frozen", "fine-tune"], columnNames: ["1", "10", "all"],
      columnTitle: "labels",
      cells: [
        [.init(6.1, text: "+6.10 *"), nil, .init(-1.1, text: "-1.10")],
        [.init(4.6, text: "+4.60"), .init(0, text: "0.00"), .init(0.05, text: "+0.05")],
      ])
    try check(chart.document().source, "heat-map")
    // However narrow, no figure is cut: it would be another one.
    let narrow = HeatMap(
      title: "Gain", subtitle: "points", rowNames: ["fine-tune"], columnNames: ["1", "5", "10", "50", "200", "all"],
      columnTitle: "labels", cells: [(0..<6).map { .init(Double($0), text: "+16.2\($0) *") }])
    for width in [240.0, 400] {
      let source = narrow.document(width: width).source
      for column in 0..<6 { #expect(source.contains(">+16.2\(column) *<"), "\(width)") }
    }
  }

  @Test func imageTiles() throws {
    let values = (0..<16).map { Float($0) - 8 }
    let tiles = (0..<3).map { index in
      ImageTiles.Tile(
        index == 2 ? "" : "unit \(index)",
        .signed(values.map { $0 * Float(index + 1) }, width: 4, height: 4, largest: 16))
    }
    try check(ImageTiles(title: "Weights", subtitle: "of a layer", tiles: tiles, columns: 2).document().source, "tiles")
  }

  @Test("charts of nothing are charts too")
  func nothing() {
    for document in [
      DotChart(title: "", axis: Axis(), groups: []).document(),
      BarChart(title: "", categories: [], categoryTitle: "", yAxis: Axis(), bars: []).document(),
      HeatMap(title: "", rowNames: [], columnNames: [], columnTitle: "", cells: []).document(),
      ImageTiles(title: "", tiles: []).document(),
    ] {
      #expect(XMLNesting.isBalanced(document.source))
    }
  }
}

/// Just enough of XML to see that all elements are closed in order. Foundation's parser is a module of its own on Linux.
enum XMLNesting {
  static func isBalanced(_ source: String) -> Bool {
    var open: [Substring] = []
    for tag in source.split(separator: "<", omittingEmptySubsequences: true) {
      guard let end = tag.firstIndex(of: ">") else { return false }
      let inner = tag[..<end]
      if inner.hasPrefix("/") {
        guard open.popLast() == inner.dropFirst() else { return false }
      } else if !inner.hasSuffix("/") {
        open.append(inner.prefix { $0 != " " })
      }
    }
    return open.isEmpty
  }
}
