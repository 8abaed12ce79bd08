extension ConfusionMatrixChart {
  func elements(_ layout: ConfusionMatrixLayout, _ shares: ConfusionShares) -> [SVGElement] {
    [
      .group(headings(layout)), .group(cells(layout, shares)), .group(margins(layout, shares)),
      .group(colorKey(layout, shares)),
    ]
  }

  /// The elements drawn in place of a matrix without classes.
  func emptyElements(_ layout: ConfusionMatrixLayout) -> [SVGElement] {
    let style = TextStyle(size: 13, color: Palette.muted, anchor: .middle)
    return [.text("no data", at: ChartPoint(x: layout.width / 2, y: layout.titles.bottom + 50), style)]
  }

  // MARK: - Cells

  private func cells(_ layout: ConfusionMatrixLayout, _ shares: ConfusionShares) -> [SVGElement] {
    (0..<shares.size).flatMap { row in
      (0..<shares.size).flatMap { column in
        let box = layout.box(row, column)
        let fill = Self.fill(row, column, shares)
        let isEmpty = shares.count(row, column) == 0
        let color = isEmpty ? Palette.muted : fill.textColor
        let style = TextStyle(size: layout.countSize, color: color, bold: row == column, anchor: .middle)
        var tile = SVGElement.box(box, fill: fill, radius: 2)
        let share = NumberText.percent(shares.share(row, column), decimals: 1)
        let count = shares.count(row, column)
        tile.children = [
          SVGElement("title", text: "\(name(row)) taken for \(name(column)): \(count) (\(share) of the row)")
        ]
        return [tile, centered(String(count), in: box, style)]
      }
    }
  }

  /// The colour of a cell.
  static func fill(_ row: Int, _ column: Int, _ shares: ConfusionShares) -> Color {
    guard shares.count(row, column) > 0 else { return Palette.field }
    let share = shares.share(row, column)
    return row == column ? ColorRamp.blue.color(share) : ColorRamp.orange.color(share / shares.largestError)
  }

  private func centered(_ text: String, in box: ChartBox, _ style: TextStyle) -> SVGElement {
    // Digits are 0.72 of the font size high, so that their middle lies 0.36 above the baseline.
    .text(text, at: ChartPoint(x: box.center.x, y: box.center.y + 0.36 * style.size), style)
  }

  // MARK: - Margins

  private func margins(_ layout: ConfusionMatrixLayout, _ shares: ConfusionShares) -> [SVGElement] {
    let style = TextStyle(size: 12, color: Palette.muted, anchor: .middle)
    let narrow = TextStyle(size: min(12, layout.labelSize), color: Palette.muted, anchor: .middle)
    let recalls = shares.recall.enumerated().map { row, share in
      centered(NumberText.percent(share, decimals: 1), in: layout.recallBox(row), style)
    }
    let exact = shares.precision.map { NumberText.percent($0, decimals: 1) }
    let fits = exact.allSatisfy { TextMetrics.width($0, size: narrow.size) <= layout.cell - 4 }
    let texts = fits ? exact : shares.precision.map { NumberText.percent($0, decimals: 0) }
    let precisions = texts.enumerated().map { column, text in
      centered(text, in: layout.precisionBox(column), narrow)
    }
    let corner = ChartBox(
      x: layout.recallBox(0).x, y: layout.precisionBox(0).y, width: layout.recallBox(0).width,
      height: ConfusionMatrixLayout.marginHeight)
    let accuracy = TextStyle(size: 12, color: Palette.ink, bold: true, anchor: .middle)
    let total = centered(NumberText.percent(shares.correctShare, decimals: 1), in: corner, accuracy)
    return recalls + precisions + [total]
  }

  private func headings(_ layout: ConfusionMatrixLayout) -> [SVGElement] {
    let matrix = layout.matrix
    let axisStyle = TextStyle(size: ConfusionMatrixLayout.axisTitleSize, color: Palette.ink, anchor: .middle)
    let rowStyle = TextStyle(size: layout.labelSize, color: Palette.ink, anchor: .end)
    var columnStyle = rowStyle
    columnStyle.anchor = layout.turnsNames ? .start : .middle
    var elements: [SVGElement] = [
      .text("predicted class", at: ChartPoint(x: matrix.center.x, y: layout.titles.bottom + 22), axisStyle),
      .text(
        "true class",
        at: ChartPoint(x: matrix.x - 10 - layout.nameWidth - 12, y: matrix.center.y), turned: 90, axisStyle),
    ]
    for (index, name) in layout.names.enumerated() {
      let row = layout.box(index, 0)
      elements.append(
        .text(name, at: ChartPoint(x: matrix.x - 10, y: row.center.y + 0.36 * layout.labelSize), rowStyle))
      let x = layout.box(0, index).center.x
      if layout.turnsNames {
        elements.append(.text(name, at: ChartPoint(x: x + 2, y: matrix.y - 8), turned: 45, columnStyle))
      } else {
        elements.append(.text(name, at: ChartPoint(x: x, y: matrix.y - 8), columnStyle))
      }
    }
    let margin = TextStyle(size: 12, color: Palette.muted, anchor: .middle)
    let recall = ChartPoint(x: layout.recallBox(0).center.x, y: matrix.y - 8)
    elements.append(.text("recall", at: recall, margin))
    var end = margin
    end.anchor = .end
    let precision = ChartPoint(x: matrix.x - 10, y: layout.precisionBox(0).center.y + 4.3)
    elements.append(.text("precision", at: precision, end))
    return elements
  }

  // MARK: - Key

  /// The key to the colours: one line for each ramp.
  private func colorKey(_ layout: ConfusionMatrixLayout, _ shares: ConfusionShares) -> [SVGElement] {
    let style = TextStyle(size: 11, color: Palette.muted)
    let top = layout.precisionBox(0).bottom + 14
    let error = NumberText.percent(shares.largestError, decimals: 1)
    let rows = [
      ("correct", ColorRamp.blue, "100% of the row"),
      ("errors", ColorRamp.orange, shares.largestError > 0 ? "\(error) of the row" : "none"),
    ]
    return rows.enumerated().flatMap { index, row -> [SVGElement] in
      let y = top + Double(index) * 16
      let swatches = row.1.stops.enumerated().map { place, color in
        SVGElement.box(ChartBox(x: layout.matrix.x + 18 + Double(place) * 12, y: y, width: 12, height: 9), fill: color)
      }
      var left = style
      left.anchor = .end
      let right = layout.matrix.x + 18 + Double(row.1.stops.count) * 12 + 6
      return [
        .text(row.0, at: ChartPoint(x: layout.matrix.x - 10, y: y + 8.5), left),
        .text("0", at: ChartPoint(x: layout.matrix.x + 12, y: y + 8.5), left),
      ] + swatches + [.text(row.2, at: ChartPoint(x: right, y: y + 8.5), style)]
    }
  }
}
