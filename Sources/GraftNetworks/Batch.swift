import GraftMatrices

/// The inputs of a set of examples, one row each: sparse if most pixels are zero, bytes for other images, dense for the features of
/// a frozen body.
public enum InputRows: Sendable, Hashable {
  case sparse(SparseRows)
  case dense(Matrix)
  case bytes(ByteRows)

  package var isSparse: Bool { if case .sparse = self { true } else { false } }

  /// Number of rows.
  package var count: Int {
    switch self {
    case .sparse(let rows): rows.rows
    case .dense(let matrix): matrix.rows
    case .bytes(let rows): rows.rows
    }
  }

  /// The inputs as a dense matrix, with their zeros.
  package var matrix: Matrix {
    switch self {
    case .dense(let matrix): return matrix
    case .bytes(let rows): return rows.matrix
    case .sparse(let rows):
      var matrix = Matrix(rows: rows.rows, columns: rows.columns)
      for row in 0..<rows.rows { matrix.set(row: row, to: rows.dense(row: row)) }
      return matrix
    }
  }

  /// The same inputs in dense form, with their zeros.
  package var dense: InputRows { .dense(matrix) }

  /// The first `count` rows.
  package func prefix(_ count: Int) -> InputRows {
    switch self {
    case .sparse(let rows): return .sparse(rows.prefix(count))
    case .bytes(let rows): return .bytes(rows.prefix(count))
    case .dense(let matrix):
      var part = Matrix(rows: count, columns: matrix.columns)
      part.copyRows(count, of: matrix, to: 0)
      return .dense(part)
    }
  }

  /// Columns: the numbers in one row.
  package var columns: Int {
    switch self {
    case .sparse(let rows): rows.columns
    case .dense(let matrix): matrix.columns
    case .bytes(let rows): rows.columns
    }
  }
}

/// Some of the examples: their rows, and the label of each in the same order. Nothing is copied.
public struct Batch: Sendable {
  /// Inputs of all examples.
  package let inputs: InputRows
  /// Rows of the inputs that are in the batch.
  package let rows: ArraySlice<Int>
  /// Class indices, one for each row: the output that should win.
  public let labels: ArraySlice<Int>

  /// A batch of `rows` of `inputs`, with as many labels.
  public init(inputs: InputRows, rows: ArraySlice<Int>, labels: ArraySlice<Int>) {
    precondition(rows.count == labels.count)
    self.inputs = inputs
    self.rows = rows
    self.labels = labels
  }

  /// Number of examples in the batch.
  package var count: Int { rows.count }
}

/// The purpose for which a model is run. Layers that draw random numbers (dropout) or keep running statistics (batch norm) behave
/// differently in the two modes; random numbers are drawn from the key.
public enum Mode: Sendable, Hashable {
  case training(RandomKey, Dropout = .none)
  case evaluation
}

extension Mode {
  /// Key and shares of the dropout; nil if nothing is dropped.
  var dropout: (key: RandomKey, dropout: Dropout)? {
    if case .training(let key, let dropout) = self, !dropout.isNone { (key, dropout) } else { nil }
  }
}
