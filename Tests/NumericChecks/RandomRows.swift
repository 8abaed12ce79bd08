import GraftMatrices
import GraftNetworks

/// Rows of random numbers, with zeros among them, in the forms that models read.
package struct RandomRows: Sendable {
  package let values: [[Float]]

  /// - Parameter density: The share of numbers that are not zero; 0 and 1 are exact.
  package init(_ count: Int, columns: Int, density: Float = 0.4, seed: UInt64) {
    var stream = RandomStream(RandomKey(seed: seed, purpose: .augmentation))
    values = (0..<count).map { _ in
      (0..<columns).map { _ in stream.uniform() < density ? stream.uniform(0.05, 1) : 0 }
    }
  }

  package init(_ values: [[Float]]) { self.values = values }

  package var sparse: SparseRows {
    var rows = SparseRows(columns: values.first?.count ?? 1)
    for row in values { rows.append(row) }
    return rows
  }

  package var dense: Matrix { Matrix(values) }

  package func inputs(sparse isSparse: Bool) -> InputRows { isSparse ? .sparse(sparse) : .dense(dense) }
}

/// Random numbers in -1..<1, row by row.
package func randomMatrix(_ rows: Int, _ columns: Int, seed: UInt64) -> [[Float]] {
  var stream = RandomStream(RandomKey(seed: seed, purpose: .bootstrap))
  return (0..<rows).map { _ in (0..<columns).map { _ in stream.uniform(-1, 1) } }
}

extension Matrix {
  /// The elements without padding.
  package var nested: [[Float]] { (0..<rows).map { row in (0..<columns).map { self[row, $0] } } }
}
