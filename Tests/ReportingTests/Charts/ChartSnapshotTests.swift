import Foundation
import Testing

@testable import Reporting

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
