/// A matrix whose elements are mostly zero, stored row by row as (column, value) pairs.
///
/// Four fifths of MNIST's pixels are zero; a first layer that touches only the others does a fifth of the work.
/// Columns are in rising order within a row.
public struct SparseRows: Sendable, Hashable {
  /// Columns of the matrix, zeros included; at most `maximumColumns`.
  package let columns: Int
  /// Bounds of the rows: row `r` owns the entries `offsets[r]..<offsets[r + 1]`. There are `rows + 1` numbers.
  package private(set) var offsets: [Int] = [0]
  /// The first entry of each row in the second half of the columns.
  package private(set) var middles: [Int] = []
  package private(set) var columnIndices: [UInt16] = []
  package private(set) var values: [Float] = []

  /// Rows appended so far.
  package var rows: Int { offsets.count - 1 }

  /// The largest number of columns that indices of 16 bits can name.
  package static let maximumColumns = 1 << 16

  /// A matrix without rows.
  package init(columns: Int) {
    precondition(columns > 0 && columns <= SparseRows.maximumColumns)
    self.columns = columns
  }

  package mutating func reserve(rows: Int, entries: Int) {
    offsets.reserveCapacity(rows + 1)
    middles.reserveCapacity(rows)
    // A row is written at full width first and then cut back.
    columnIndices.reserveCapacity(entries + columns)
    values.reserveCapacity(entries + columns)
  }

  /// Appends a row from bytes: each non-zero byte becomes `table[byte]`. `table[0]` must be zero.
  package mutating func append(bytes: ArraySlice<UInt8>, through table: [Float]) {
    precondition(bytes.count == columns && table.count == 256 && table[0] == 0)
    let start = columnIndices.count
    columnIndices.append(contentsOf: repeatElement(0, count: columns))
    let count = bytes.withUnsafeBufferPointer { bytes in
      columnIndices.withUnsafeMutableBufferPointer { SparseRows.litColumns(of: bytes, into: $0[start...]) }
    }
    columnIndices.removeLast(columns - count)
    values.append(contentsOf: repeatElement(0, count: count))
    bytes.withUnsafeBufferPointer { bytes in
      columnIndices.withUnsafeBufferPointer { columns in
        values.withUnsafeMutableBufferPointer { values in
          for place in start..<start + count { values[place] = table[Int(bytes[Int(columns[place])])] }
        }
      }
    }
    endRow()
  }

  private mutating func endRow() {
    let start = offsets[offsets.count - 1]
    // An even column, so that no pair of columns lies in both halves.
    let half = columns / 2 & ~1
    var (from, to) = (start, columnIndices.count)
    while from < to {
      let middle = (from + to) / 2
      if Int(columnIndices[middle]) < half { from = middle + 1 } else { to = middle }
    }
    middles.append(from)
    offsets.append(columnIndices.count)
  }

  /// The number of `bytes` that are not zero. Counted eight at a time, by a sum that carries into the top bit of each byte unless
  /// it is zero.
  package static func litCount(of bytes: [UInt8]) -> Int {
    bytes.withUnsafeBytes { bytes in
      let words = bytes.count / 8
      var count = 0
      for word in 0..<words {
        let eight = bytes.loadUnaligned(fromByteOffset: 8 &* word, as: UInt64.self)
        let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
        count &+= ((((eight & low) &+ low) | eight) & ~low).nonzeroBitCount
      }
      for place in 8 * words..<bytes.count where bytes[place] != 0 { count += 1 }
      return count
    }
  }

  /// Replaces all rows by this one, without allocating once the longest row has been stored.
  mutating func setOnlyRow(bytes: ArraySlice<UInt8>, through table: [Float]) {
    offsets.removeLast(offsets.count - 1)
    middles.removeAll(keepingCapacity: true)
    columnIndices.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
    append(bytes: bytes, through: table)
  }

  /// Writes the columns of the bytes that are not zero, and returns their number. Eight bytes are tested at a time, because most
  /// of an image is background. Within eight, each column is written and the next one overwrites it unless its byte was lit:
  /// which bytes are lit is a coin toss that a branch predictor loses.
  private static func litColumns(
    of bytes: UnsafeBufferPointer<UInt8>, into room: Slice<UnsafeMutableBufferPointer<UInt16>>
  ) -> Int {
    let lit = UnsafeMutableBufferPointer(rebasing: room)
    guard let base = bytes.baseAddress.map(UnsafeRawPointer.init) else { return 0 }
    var (count, column) = (0, 0)
    while column < bytes.count {
      let end = min(column &+ 8, bytes.count)
      if end &- column == 8, base.loadUnaligned(fromByteOffset: column, as: UInt64.self) == 0 {
        column = end
        continue
      }
      while column < end {
        lit[count] = UInt16(truncatingIfNeeded: column)
        count &+= bytes[column] == 0 ? 0 : 1
        column &+= 1
      }
    }
    return count
  }

  /// Appends a dense row; zeros are left out.
  package mutating func append(_ row: [Float]) {
    precondition(row.count == columns)
    for (column, value) in row.enumerated() where value != 0 {
      columnIndices.append(UInt16(column))
      values.append(value)
    }
    endRow()
  }

  /// The first `count` rows.
  package func prefix(_ count: Int) -> SparseRows {
    precondition(count >= 0 && count <= rows)
    var part = SparseRows(columns: columns)
    part.offsets = Array(offsets[...count])
    part.middles = Array(middles[..<count])
    part.columnIndices = Array(columnIndices[..<offsets[count]])
    part.values = Array(values[..<offsets[count]])
    return part
  }

  /// The number of elements of a row that are not zero.
  package func litCount(ofRow row: Int) -> Int { offsets[row + 1] - offsets[row] }

  /// The share of elements that are not zero, 0 to 1.
  package var density: Double { rows == 0 ? 0 : Double(values.count) / (Double(rows) * Double(columns)) }

  /// The row as a dense array, with its zeros.
  package func dense(row: Int) -> [Float] {
    var result = [Float](repeating: 0, count: columns)
    for entry in offsets[row]..<offsets[row + 1] { result[Int(columnIndices[entry])] = values[entry] }
    return result
  }
}
