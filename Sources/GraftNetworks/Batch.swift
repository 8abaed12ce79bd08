import GraftMatrices

/// The inputs of a set of examples, one row each: sparse where most pixels are zero, dense otherwise (and always for the
/// features of a frozen body).
public enum InputRows: Sendable, Hashable {
  case sparse(SparseRows)
  case dense(Matrix)

  package var isSparse: Bool { if case .sparse = self { true } else { false } }

  public var count: Int {
    switch self {
    case .sparse(let rows): rows.rows
    case .dense(let matrix): matrix.rows
    }
  }

  /// The numbers written out with their zeros.
  package var matrix: Matrix {
    switch self {
    case .dense(let matrix): return matrix
    case .sparse(let rows):
      var matrix = Matrix(rows: rows.rows, columns: rows.columns)
      for row in 0..<rows.rows { matrix.set(row: row, to: rows.dense(row: row)) }
      return matrix
    }
  }

  /// The same numbers, written out with their zeros.
  package var dense: InputRows { .dense(matrix) }

  /// The first `count` rows.
  package func prefix(_ count: Int) -> InputRows {
    switch self {
    case .sparse(let rows): return .sparse(rows.prefix(count))
    case .dense(let matrix):
      var part = Matrix(rows: count, columns: matrix.columns)
      part.copyRows(count, of: matrix, to: 0)
      return .dense(part)
    }
  }

  /// Numbers in one row.
  public var columns: Int {
    switch self {
    case .sparse(let rows): rows.columns
    case .dense(let matrix): matrix.columns
    }
  }
}

/// Some of the examples: which rows, and the label of each in the same order. Nothing is copied.
public struct Batch: Sendable {
  public let inputs: InputRows
  public let rows: ArraySlice<Int>
  /// Class indices: the output that should win.
  public let labels: ArraySlice<Int>

  public init(inputs: InputRows, rows: ArraySlice<Int>, labels: ArraySlice<Int>) {
    precondition(rows.count == labels.count)
    self.inputs = inputs
    self.rows = rows
    self.labels = labels
  }

  public var count: Int { rows.count }
}

/// Why a model is run. Layers that draw random numbers (dropout) or keep running statistics (batch norm) behave
/// differently in the two, and draw from the key.
public enum Mode: Sendable, Hashable {
  case training(RandomKey, Dropout = .none)
  case evaluation
}

extension Mode {
  /// Nil where nothing is dropped.
  var dropout: (key: RandomKey, dropout: Dropout)? {
    if case .training(let key, let dropout) = self, !dropout.isNone { (key, dropout) } else { nil }
  }
}
