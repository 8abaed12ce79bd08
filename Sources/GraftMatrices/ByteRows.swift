/// A matrix whose elements are bytes, each of which stands for the number that a table gives it.
///
/// Images that are mostly lit are kept so: a quarter of the memory of their numbers, shared with the data set, and each
/// batch is converted when it is read. They may lie in a file.
public struct ByteRows: Sendable, Hashable {
  /// The bytes.
  package let pixels: PixelRows
  /// The number of each byte: 256 for the first part of a row, 256 for the next; the parts of a row are equally long.
  package let tables: [Float]

  /// A matrix of bytes; `tables` has 256 numbers for each of the equal parts of a row.
  package init(_ pixels: PixelRows, tables: [Float]) {
    precondition(!tables.isEmpty && tables.count.isMultiple(of: 256))
    precondition(pixels.columns.isMultiple(of: tables.count / 256))
    self.pixels = pixels
    self.tables = tables
  }

  /// Number of rows.
  package var rows: Int { pixels.count }

  /// Bytes in one row.
  package var columns: Int { pixels.columns }

  /// The first `count` rows.
  package func prefix(_ count: Int) -> ByteRows { ByteRows(pixels.prefix(count), tables: tables) }

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
    source.pixels.withRows { pixels in
      source.tables.withUnsafeBufferPointer { tables in
        block.withMutableFloats { to in
          for (target, row) in rows.enumerated() {
            let line = pixels(row)
            for (number, first) in Swift.stride(from: 0, to: source.columns, by: part).enumerated() {
              for column in first..<first + part {
                to[place(column, target)] = tables[number << 8 | Int(line[column])]
              }
            }
          }
        }
      }
    }
  }
}
