/// A chart of how often each class was taken for each; rows are true classes, columns predicted ones.
///
/// Correct answers are hundreds of times more frequent than errors, so each has its own scale. Correct answers are blue
/// by the share of the row; errors are orange, relative to the largest share of an error in the matrix.
package struct ConfusionMatrixChart: Sendable {
  /// The bold first line; broken into two if it is long.
  package var title: String
  /// The subtitle, to which the overall accuracy is added.
  package var subtitle: String
  /// The counts: `counts[i][j]` examples of class i were taken for class j. Missing and negative counts are zero.
  package var counts: [[Int]]
  /// The names of the classes; a class without a name gets its number.
  package var classNames: [String]

  /// A chart of square `counts`; see the properties.
  package init(title: String, subtitle: String = "", counts: [[Int]], classNames: [String] = []) {
    self.title = title
    self.subtitle = subtitle
    self.counts = counts
    self.classNames = classNames
  }

  /// The chart as a self-contained SVG file; the same chart always gives the same bytes.
  package func svg() -> String { document().source }

  /// The chart as a tree of elements.
  package func document() -> SVGDocument {
    let shares = ConfusionShares(counts)
    let layout = ConfusionMatrixLayout(self, shares)
    let drawn = shares.size == 0 ? emptyElements(layout) : elements(layout, shares)
    return SVGDocument(
      width: layout.width, height: layout.height, title: title, summary: summary(shares),
      elements: layout.titles.elements + drawn)
  }

  /// The name of class `index`.
  func name(_ index: Int) -> String { index < classNames.count ? classNames[index] : String(index) }

  /// The subtitle with the accuracy.
  func fullSubtitle(_ shares: ConfusionShares) -> String {
    guard let accuracy = shares.correctShare else { return subtitle }
    let text = "accuracy \(NumberText.percent(accuracy, decimals: 2))"
    return subtitle.isEmpty ? text : "\(subtitle) · \(text)"
  }

  /// A description in words for readers who cannot see the chart.
  private func summary(_ shares: ConfusionShares) -> String {
    guard let accuracy = shares.correctShare else { return "Confusion matrix without examples." }
    var text = "Confusion matrix of \(shares.size) classes, \(NumberText.fixed(shares.total, decimals: 0)) examples, "
    text += "accuracy \(NumberText.percent(accuracy, decimals: 2))."
    if let worst = shares.mostFrequentError {
      let count = shares.count(worst.row, worst.column)
      text += " Most frequent error: \(name(worst.row)) taken for \(name(worst.column)), \(count) times."
    }
    return text
  }
}
