/// The layout of a confusion matrix, in pixels.
struct ConfusionMatrixLayout: Sendable {
  let width: Double
  let height: Double
  let titles: TitleBlock
  /// The cells of the matrix, without the sums in its margins.
  let matrix: ChartBox
  /// The side of a cell, including the gap to the next one.
  let cell: Double
  let countSize: Double
  let labelSize: Double
  /// The names of the classes, cut to fit.
  let names: [String]
  let nameWidth: Double
  /// Whether the names over the columns are turned because a cell is too narrow for them.
  let turnsNames: Bool

  static let gap = 2.0
  /// The gap between the matrix and its margins.
  static let marginGap = 8.0
  static let axisTitleSize = 13.0

  init(_ chart: ConfusionMatrixChart, _ shares: ConfusionShares) {
    let size = shares.size
    countSize = size <= 6 ? 14 : size <= 12 ? 12 : 10
    labelSize = size <= 6 ? 13 : size <= 12 ? 12 : 11
    let countSize = countSize
    let labelSize = labelSize

    let counts = (0..<size).flatMap { row in (0..<size).map { String(shares.count(row, $0)) } }
    let widest = counts.map { TextMetrics.width($0, size: countSize) }.max() ?? 0
    let cell = max(min(68, max(30, 500 / Double(max(size, 1)))), widest + 10).rounded()
    self.cell = cell

    let names = (0..<size).map { TextMetrics.fitted(chart.name($0), size: labelSize, room: 120) }
    self.names = names
    nameWidth = names.map { TextMetrics.width($0, size: labelSize) }.max() ?? 0
    turnsNames = nameWidth > cell - 6

    let left = TitleBlock.margin + 22 + max(nameWidth, Self.wordWidth("precision")) + 10
    let side = cell * Double(size) - Self.gap
    // A slanted last name reaches beyond its column by its own width less half a cell.
    let slant = turnsNames ? nameWidth * 0.71 - cell / 2 - Self.marginGap - marginWidth(cell) : 0
    let right = Self.marginGap + marginWidth(cell) + max(0, slant) + TitleBlock.margin
    let width = max(left + side + right, 400)
    titles = TitleBlock(title: chart.title, subtitle: chart.fullSubtitle(shares), width: width)
    let header = turnsNames ? nameWidth * 0.71 + 16 : labelSize + 10
    matrix = ChartBox(x: left, y: titles.bottom + 30 + header, width: max(side, 0), height: max(side, 0))
    self.width = width
    height = size == 0 ? titles.bottom + 120 : matrix.bottom + Self.marginGap + Self.marginHeight + 66

    func marginWidth(_ cell: Double) -> Double { Self.marginWidth(cell) }
  }

  static let marginHeight = 28.0

  /// The width of the column with the recall.
  static func marginWidth(_ cell: Double) -> Double { max(cell - gap, wordWidth("100.0%") + 8) }

  private static func wordWidth(_ word: String) -> Double { TextMetrics.width(word, size: 12) }

  /// The cell for the true class `row` and the predicted class `column`.
  func box(_ row: Int, _ column: Int) -> ChartBox {
    ChartBox(
      x: matrix.x + Double(column) * cell, y: matrix.y + Double(row) * cell, width: cell - Self.gap,
      height: cell - Self.gap)
  }

  /// The cell to the right of `row` that holds the recall.
  func recallBox(_ row: Int) -> ChartBox {
    ChartBox(
      x: matrix.right + Self.marginGap, y: matrix.y + Double(row) * cell, width: Self.marginWidth(cell),
      height: cell - Self.gap)
  }

  /// The cell below `column` that holds the precision.
  func precisionBox(_ column: Int) -> ChartBox {
    ChartBox(
      x: matrix.x + Double(column) * cell, y: matrix.bottom + Self.marginGap, width: cell - Self.gap,
      height: Self.marginHeight)
  }
}
