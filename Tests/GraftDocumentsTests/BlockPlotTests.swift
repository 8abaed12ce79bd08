import GraftDocuments
import Testing

@Suite struct BlockPlotTests {
  private func plot(_ values: [Double], height: Int = 2, width: Int = 16) -> [String] {
    BlockPlot(
      title: "t", xTitle: "epoch", points: values.enumerated().map { .init(x: Double($0.offset + 1), y: $0.element) },
      height: height, width: width
    ).lines
  }

  @Test("the smallest value has one eighth, the largest the whole height")
  func ends() {
    #expect(plot([0, 15], width: 8) == ["t", "15 ┤    ████", " 0 ┤▁▁▁▁████", "    1      2  epoch"])
  }

  @Test("equal values fill the plot, and one is enough")
  func flat() {
    #expect(plot([3], height: 1) == ["t", "3 ┤████", "   1  1  epoch"])
    #expect(plot([3, 3], height: 1)[1] == "3 ┤████████")
  }

  @Test("no values, no plot; gaps where there is no number")
  func gaps() {
    #expect(plot([]).isEmpty && plot([.nan, .infinity]).isEmpty)
    #expect(plot([1, .nan, 2], height: 1)[1].contains("▁▁▁▁    ████"))
  }

  @Test("never wider than 80 columns", arguments: [1, 7, 33, 64, 65, 1000, 100_000])
  func width(count: Int) {
    let lines = BlockPlot(
      title: "", xTitle: "epoch", points: (0..<count).map { .init(x: Double($0), y: 100_000 / Double($0 + 1)) }
    ).lines
    #expect(lines.count == 8 && lines.allSatisfy { $0.count <= 80 })
  }

  @Test func histograms() {
    #expect(BlockPlot.histogram([-1, 0, 0, 0, 0, 1], bins: 3, largest: 1) == "▂█▂")
    #expect(BlockPlot.histogram([0.9, 0.9], bins: 4, largest: 1) == "   █")
    #expect(BlockPlot.histogram([0, 0], bins: 4, largest: 0) == "")
  }
}
