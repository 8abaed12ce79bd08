/// The counts of a confusion matrix and their sums.
///
/// Sums are floating point, so that absurd counts cannot overflow.
package struct ConfusionShares: Sendable {
  private let counts: [[Int]]
  /// The number of classes.
  let size: Int
  let total: Double
  /// The fraction that is correct; nil without examples.
  let correctShare: Double?
  /// The correct share of each class's examples; nil without examples.
  let recall: [Double?]
  /// The correct share of the examples taken for each class; nil if there were none.
  let precision: [Double?]
  /// The largest share of a row taken by one error; 0 without errors.
  package let largestError: Double
  let mostFrequentError: (row: Int, column: Int)?
  private let rows: [Double]

  package init(_ counts: [[Int]]) {
    let size = max(counts.count, counts.map(\.count).max() ?? 0)
    let square = (0..<size).map { row in
      (0..<size).map { row < counts.count && $0 < counts[row].count ? max(0, counts[row][$0]) : 0 }
    }
    let rows = square.map { $0.reduce(0.0) { $0 + Double($1) } }
    let columns = (0..<size).map { column in square.reduce(0.0) { $0 + Double($1[column]) } }
    let correct = (0..<size).map { Double(square[$0][$0]) }
    func share(_ part: Double, of whole: Double) -> Double? { whole > 0 ? part / whole : nil }

    self.counts = square
    self.size = size
    self.rows = rows
    total = rows.reduce(0, +)
    correctShare = share(correct.reduce(0, +), of: total)
    recall = zip(correct, rows).map { share($0, of: $1) }
    precision = zip(correct, columns).map { share($0, of: $1) }

    let errors = (0..<size).flatMap { row in (0..<size).filter { $0 != row }.map { (row: row, column: $0) } }
      .filter { square[$0.row][$0.column] > 0 }
    largestError = errors.map { Double(square[$0.row][$0.column]) / rows[$0.row] }.max() ?? 0
    mostFrequentError = errors.max { square[$0.row][$0.column] < square[$1.row][$1.column] }
  }

  func count(_ row: Int, _ column: Int) -> Int { counts[row][column] }

  /// The share of the examples of class `row` that were taken for class `column`; 0 without examples.
  package func share(_ row: Int, _ column: Int) -> Double {
    rows[row] > 0 ? Double(counts[row][column]) / rows[row] : 0
  }
}
