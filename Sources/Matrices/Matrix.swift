/// A row-major matrix of `Float`; each row is one example (or one output of a layer).
public struct Matrix: Sendable, Hashable {
  public let layout: MatrixLayout
  package var block: AlignedFloats

  public var rows: Int { layout.rows }
  public var columns: Int { layout.columns }
  /// Floats from one row to the next; see ``MatrixLayout``.
  package var stride: Int { layout.stride }

  /// A matrix of zeros.
  public init(rows: Int, columns: Int) {
    layout = MatrixLayout(rows: rows, columns: columns)
    block = AlignedFloats(zeros: max(layout.footprint, 2 * layout.stride))
  }

  /// A matrix from nested rows of equal length.
  public init(_ values: [[Float]]) {
    self.init(rows: values.count, columns: values.first?.count ?? 0)
    for (row, line) in values.enumerated() {
      precondition(line.count == columns, "row \(row) has \(line.count) columns, not \(columns)")
      for (column, value) in line.enumerated() { self[row, column] = value }
    }
  }

  public subscript(row: Int, column: Int) -> Float {
    get {
      precondition(row >= 0 && row < rows && column >= 0 && column < columns)
      return block[layout.index(row, column)]
    }
    set {
      precondition(row >= 0 && row < rows && column >= 0 && column < columns)
      block[layout.index(row, column)] = newValue
    }
  }

  /// Copies `rows` of `source`, in that order, to the first rows of this matrix. Columns must agree.
  ///
  /// - Complexity: O(`rows.count` × columns).
  package mutating func gather(_ rows: ArraySlice<Int>, of source: Matrix) {
    precondition(columns == source.columns && rows.count <= self.rows)
    let stride = stride
    source.block.withFloats { from in
      block.withMutableFloats { to in
        for (place, row) in rows.enumerated() {
          precondition(row >= 0 && row < source.rows)
          (to + place * stride).update(from: from + row * stride, count: stride)
        }
      }
    }
  }

  /// Copies the first `count` rows of `source` behind this matrix' row `start`.
  package mutating func copyRows(_ count: Int, of source: Matrix, to start: Int) {
    precondition(columns == source.columns && start >= 0 && count <= source.rows && start + count <= rows)
    let stride = stride
    source.block.withFloats { from in
      block.withMutableFloats { to in (to + start * stride).update(from: from, count: count * stride) }
    }
  }
}
