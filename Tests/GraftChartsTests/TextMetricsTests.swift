import Testing

@testable import GraftCharts

@Suite struct TextMetricsTests {
  /// Widths of DejaVu Sans at 1000 pixels, summed from its `hmtx` table (fontTools); the estimate may not fall short.
  @Test(arguments: [
    ("cross-entropy per image", 11929.0), ("0.0291", 3498.0), ("Ankle boot", 5426.0), ("learning rate 0.003", 9866.0),
  ])
  func estimatesCoverTheWidestFont(text: String, width: Double) {
    let estimate = TextMetrics.width(text, size: 1000)
    #expect(estimate >= 0.97 * width)
    #expect(estimate <= 1.12 * width)
  }

  @Test func longTextIsCut() {
    #expect(TextMetrics.fitted("short", size: 12, room: 100) == "short")
    let cut = TextMetrics.fitted("a very long name of a class", size: 12, room: 80)
    #expect(cut.hasSuffix("…"))
    #expect(TextMetrics.width(cut, size: 12) <= 80)
    #expect(TextMetrics.fitted("anything", size: 12, room: 0) == "…")
  }

  @Test func linesBreakBetweenWords() {
    let lines = TextMetrics.lines("one two three four five six", size: 10, room: 60, limit: 2)
    #expect(lines.count == 2)
    #expect(lines.allSatisfy { TextMetrics.width($0, size: 10) <= 60 })
    #expect(lines.last?.hasSuffix("…") == true)
    #expect(TextMetrics.lines(" ", size: 10, room: 60, limit: 2).isEmpty)
  }
}
