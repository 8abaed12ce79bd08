/// A matrix most of whose elements are zero, row by row as (column, value) pairs.
///
/// Four fifths of MNIST's pixels are zero; a first layer that touches only the others does a fifth of the work.
/// Columns are in rising order within a row.
public struct SparseRows: Sendable, Hashable {
  public let columns: Int
  /// Row `r` owns the entries `offsets[r]..<offsets[r + 1]`; `rows + 1` numbers.
  package private(set) var offsets: [Int] = [0]
  package private(set) var columnIndices: [UInt16] = []
  package private(set) var values: [Float] = []

  public var rows: Int { offsets.count - 1 }

  /// The widest matrix that column indices of 16 bits can name.
  public static let maximumColumns = 1 << 16

  public init(columns: Int) {
    precondition(columns > 0 && columns <= SparseRows.maximumColumns)
    self.columns = columns
  }

  package mutating func reserve(rows: Int, entries: Int) {
    offsets.reserveCapacity(rows + 1)
    columnIndices.reserveCapacity(entries)
    values.reserveCapacity(entries)
  }

  /// Appends a row from bytes: each non-zero byte becomes `table[byte]`. `table[0]` must be zero.
  package mutating func append(bytes: ArraySlice<UInt8>, through table: [Float]) {
    precondition(bytes.count == columns && table.count == 256 && table[0] == 0)
    var column: UInt16 = 0
    for byte in bytes {
      if byte != 0 {
        columnIndices.append(column)
        values.append(table[Int(byte)])
      }
      column &+= 1
    }
    offsets.append(values.count)
  }

  /// Appends a dense row; zeros are left out.
  public mutating func append(_ row: [Float]) {
    precondition(row.count == columns)
    for (column, value) in row.enumerated() where value != 0 {
      columnIndices.append(UInt16(column))
      values.append(value)
    }
    offsets.append(values.count)
  }

  /// The first `count` rows.
  package func prefix(_ count: Int) -> SparseRows {
    precondition(count >= 0 && count <= rows)
    var part = SparseRows(columns: columns)
    part.offsets = Array(offsets[...count])
    part.columnIndices = Array(columnIndices[..<offsets[count]])
    part.values = Array(values[..<offsets[count]])
    return part
  }

  /// The share of elements that are not zero, 0 to 1.
  public var density: Double { rows == 0 ? 0 : Double(values.count) / (Double(rows) * Double(columns)) }

  /// The row written out with its zeros.
  public func dense(row: Int) -> [Float] {
    var result = [Float](repeating: 0, count: columns)
    for entry in offsets[row]..<offsets[row + 1] { result[Int(columnIndices[entry])] = values[entry] }
    return result
  }
}
