/// A matrix whose elements are bytes, each of which stands for the number that a table gives it.
///
/// Images that are mostly lit are kept so: a quarter of the memory of their numbers, shared with the data set, and each
/// batch is converted when it is read.
public struct ByteRows: Sendable, Hashable {
  /// Bytes in one row.
  package let columns: Int
  /// [rows × columns].
  package let bytes: [UInt8]
  /// The number of each byte: 256 for the first part of a row, 256 for the next; the parts of a row are equally long.
  package let tables: [Float]

  /// A matrix of `bytes`; `tables` has 256 numbers for each of the equal parts of a row.
  package init(_ bytes: [UInt8], columns: Int, tables: [Float]) {
    precondition(columns > 0 && bytes.count.isMultiple(of: columns))
    precondition(!tables.isEmpty && tables.count.isMultiple(of: 256) && columns.isMultiple(of: tables.count / 256))
    self.columns = columns
    self.bytes = bytes
    self.tables = tables
  }

  /// Number of rows.
  package var rows: Int { bytes.count / columns }

  /// The first `count` rows.
  package func prefix(_ count: Int) -> ByteRows {
    ByteRows(Array(bytes.prefix(count * columns)), columns: columns, tables: tables)
  }

  /// The numbers, with four bytes each.
  package var matrix: Matrix {
    var matrix = Matrix(rows: rows, columns: columns)
    let all = Array(0..<rows)
    matrix.gather(all[...], of: self)
    return matrix
  }
}

extension Matrix {
  /// Writes the numbers of `rows` of a matrix of bytes into the first rows.
  package mutating func gather(_ rows: ArraySlice<Int>, of source: ByteRows) {
    precondition(columns == source.columns && rows.count <= self.rows)
    let stride = stride
    read(rows, of: source) { column, row in row * stride + column }
  }

  /// Writes `rows` of a matrix of bytes, each element to the place that `places` names for its column; other places keep
  /// their zeros.
  package mutating func scatter(_ rows: ArraySlice<Int>, of source: ByteRows, to places: [Int]) {
    precondition(places.count == source.columns && rows.count <= self.rows && (places.max() ?? 0) < columns)
    let stride = stride
    places.withUnsafeBufferPointer { places in
      read(rows, of: source) { column, row in row * stride + places[column] }
    }
  }

  @inline(__always)
  private mutating func read(
    _ rows: ArraySlice<Int>, of source: ByteRows, to place: (_ column: Int, _ row: Int) -> Int
  ) {
    let part = source.columns / (source.tables.count / 256)
    source.bytes.withUnsafeBufferPointer { bytes in
      source.tables.withUnsafeBufferPointer { tables in
        block.withMutableFloats { to in
          for (target, row) in rows.enumerated() {
            precondition(row >= 0 && row < source.rows)
            let line = row * source.columns
            for (number, first) in Swift.stride(from: 0, to: source.columns, by: part).enumerated() {
              for column in first..<first + part {
                to[place(column, target)] = tables[number << 8 | Int(bytes[line + column])]
              }
            }
          }
        }
      }
    }
  }
}
