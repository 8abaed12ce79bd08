import Testing

@testable import GraftCharts

@Suite struct ConfusionMatrixChartTests {
  /// The network on the even digits, as published.
  static let even = [
    [973, 1, 1, 2, 3], [5, 1015, 1, 3, 8], [1, 5, 972, 2, 2], [8, 2, 4, 941, 3], [6, 4, 5, 6, 953],
  ]

  private func elements(_ chart: ConfusionMatrixChart) -> [SVGElement] {
    chart.document().elements.flatMap(\.flattened)
  }

  @Test func sharesAndSums() {
    let shares = ConfusionShares(Self.even)
    #expect(shares.total == 4926)
    #expect(shares.correctShare.map { abs($0 - 4854 / 4926) < 1e-12 } == true)
    #expect(shares.recall[0] == 973.0 / 980)
    #expect(shares.precision[0] == 973.0 / 993)
    #expect(shares.largestError == 8.0 / 958)
  }

  @Test func everythingIsWritten() {
    let chart = ConfusionMatrixChart(title: "Even", counts: Self.even, classNames: ["0", "2", "4", "6", "8"])
    let texts = elements(chart).compactMap(\.text)
    for expected in ["1015", "accuracy 98.54%", "true class", "predicted class", "99.3%", "98.0%", "98.5%", "8"] {
      #expect(texts.contains(expected))
    }
    #expect(chart.document().summary.contains("Most frequent error"))
  }

  @Test(arguments: [2, 5, 10, 26])
  func everyCountIsReadable(size: Int) {
    // All shares occur: correct ones from 0 to 1, errors from none to the largest.
    let counts = (0..<size).map { row in
      (0..<size).map { $0 == row ? row * 1000 / size : ($0 * 7 + row * 3) % 40 }
    }
    let all = elements(ConfusionMatrixChart(title: "", counts: counts))
    var checked = 0
    for (cell, text) in zip(all, all.dropFirst(2)) where cell.name == "rect" && !cell.children.isEmpty {
      guard let fill = cell["fill"].flatMap(Self.color), let ink = text["fill"].flatMap(Self.color) else { continue }
      #expect(ink.contrast(with: fill) >= 4.5)
      checked += 1
    }
    #expect(checked == size * size)
  }

  @Test func errorsAndCorrectAnswersHaveTheirOwnHues() {
    let shares = ConfusionShares(Self.even)
    #expect(ConfusionMatrixChart.fill(3, 0, shares) == ColorRamp.orange.stops.last)
    #expect(ConfusionMatrixChart.fill(0, 0, shares).blue > 0x90)
    #expect(ConfusionMatrixChart.fill(0, 0, ConfusionShares([[0, 1], [0, 1]])) == Palette.field)
  }

  @Test func countsFitIntoTheirCells() {
    for counts in [Self.even, [[123_456_789, 1], [2, 987_654_321]], [[Int.max, Int.max], [0, Int.max]]] {
      let chart = ConfusionMatrixChart(title: "", counts: counts)
      let layout = ConfusionMatrixLayout(chart, ConfusionShares(counts))
      let widest = counts.joined().map { TextMetrics.width(String($0), size: layout.countSize) }.max() ?? 0
      #expect(widest <= layout.cell - ConfusionMatrixLayout.gap)
      #expect(layout.recallBox(0).right <= layout.width)
    }
  }

  @Test func longNamesAreTurnedAndFit() {
    let names = ["T-shirt/top", "Ankle boot", String(repeating: "long ", count: 30)]
    let counts = [[5, 1, 0], [0, 6, 1], [1, 1, 7]]
    let chart = ConfusionMatrixChart(title: "", counts: counts, classNames: names)
    let layout = ConfusionMatrixLayout(chart, ConfusionShares(counts))
    #expect(layout.turnsNames)
    #expect(layout.names[2].hasSuffix("…"))
    #expect(layout.box(0, 2).center.x + layout.nameWidth * 0.71 <= layout.width)
    #expect(layout.matrix.y - layout.nameWidth * 0.71 >= layout.titles.bottom)
  }

  @Test func oddMatricesHaveDefinedPictures() {
    #expect(elements(ConfusionMatrixChart(title: "", counts: [])).contains { $0.text == "no data" })
    let shares = ConfusionShares([[1, 2, 3], [], [-5]])
    #expect(shares.size == 3)
    #expect(shares.count(2, 0) == 0)
    #expect(shares.recall == [1.0 / 6, nil, nil])
    #expect(shares.precision == [1, 0, 0])
    let empty = ConfusionMatrixChart(title: "", counts: [[0, 0], [0, 0]])
    #expect(elements(empty).contains { $0.text == "–" })
    #expect(empty.document().summary == "Confusion matrix without examples.")
  }

  @Test func namesAreEscaped() {
    let chart = ConfusionMatrixChart(
      title: "</title><script>", counts: [[1, 0], [0, 1]], classNames: ["</text><script>", "\"&"])
    #expect(!chart.svg().contains("<script"))
    #expect(chart.svg().contains("&lt;/text&gt;"))
  }

  /// From `#rrggbb`.
  private static func color(_ hex: String) -> Color? { UInt32(hex.dropFirst(), radix: 16).map { Color($0) } }
}
