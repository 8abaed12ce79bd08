import Foundation
import GraftCharts
import GraftData
import GraftStatistics
import GraftWorkbench
import Testing

@testable import GraftReporting

/// Charts of an invented study; recorded like those of `GraftChartsTests`.
@Suite struct StudyChartTests {
  private func charts(seeds: Int = 4) throws -> StudyCharts {
    let result = try InventedStudy.result(seeds: seeds)
    return StudyCharts(pair: result.pairs[0], study: result)
  }

  private func check(_ chart: LineChart, _ name: String) throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Snapshots/\(name).svg")
    let svg = chart.svg()
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
      try svg.write(to: file, atomically: true, encoding: .utf8)
    }
    let expected = try String(contentsOf: file, encoding: .utf8)
    #expect(svg == expected, "\(name).svg has changed; look at it and record it anew with RECORD_SNAPSHOTS=1")
    #expect(PageTests.isBalanced(svg))
  }

  @Test func accuracyOverLabels() throws {
    let chart = try charts().efficiency
    #expect(chart.series.map(\.name) == ["scratch", "fine-tune", "frozen", "lp-ft"])
    #expect(chart.series.map(\.color) == [.muted, .series(0), .series(1), .series(2)])
    #expect(chart.series.allSatisfy { $0.points.map(\.x) == [1, 20, 40] && $0.band.count == 3 })
    try check(chart, "study-efficiency")
  }

  @Test func gainOverLabels() throws {
    let chart = try charts().gain
    #expect(chart.series.map(\.name) == ["fine-tune", "frozen", "lp-ft"])
    #expect(chart.series.map(\.color) == [.series(0), .series(1), .series(2)])
    #expect(chart.references == [ReferenceLine("scratch", at: 0)])
    try check(chart, "study-gain")
  }

  @Test func accuracyOverEpochs() throws {
    let chart = try charts().epochs(.all)
    #expect(chart.series.map(\.name) == ["scratch", "fine-tune", "lp-ft"])
    #expect(chart.xAxis.scale == .linear)
    #expect(chart.series[2].points.map(\.x) == [0, 1, 2, 4, 8])
    #expect(chart.references == [ReferenceLine("frozen, solved", at: 90.2)])
    try check(chart, "study-epochs")
  }

  /// On a logarithmic axis epoch 0 has no place and becomes a level.
  @Test func manyEpochsAreLogarithmic() throws {
    let chart = try charts().epochs(.perClass(1))
    #expect(chart.xAxis.scale == .logarithmic)
    #expect(chart.series[2].points.map(\.x) == [1, 3, 9, 40])
    #expect(chart.references.map(\.label) == ["frozen, solved", "lp-ft, epoch 0"])
  }

  @Test func oneSeedHasNoBands() throws {
    let charts = try charts(seeds: 1)
    #expect((charts.efficiency.series + charts.gain.series).allSatisfy { $0.band.isEmpty })
    #expect(charts.efficiency.subtitle.hasSuffix("one seed"))
  }

  @Test func bandsLeaveRoomForTheLinesAndStayWhereAccuraciesCanBe() {
    func range(_ low: Double, _ high: Double) -> ClosedRange<Double>? {
      let line = Series(
        "a", points: [(1, 60), (2, 80)], band: [Series.Interval(x: 1, low: low, high: high)])
      return StudyCharts.range([line], [ReferenceLine("b", at: 70)], possible: 0...100)
    }
    #expect(range(55, 85) == nil)
    #expect(range(-300, 85) == 50...85)
    #expect(range(55, 300) == 55...90)
    #expect(StudyCharts.range([Series("a", points: [(1, 60)])], [], possible: 0...100) == nil)
    let high = Series("a", points: [(1, 60), (2, 99)], band: [Series.Interval(x: 2, low: 97, high: 101)])
    #expect(StudyCharts.range([high], [], possible: 0...100) == 60...100)
  }
}
