import CGraftProcessor
import GraftKernelCalls

/// A row-major matrix of `Float`; each row is one example.
///
/// Rows start `stride` floats apart: the columns rounded up to one vector of 16, or to panels of 32 from the second vector on,
/// and then one vector more. With that vector a row is an odd number of cache lines. Without it, rows of 512 floats would begin
/// in the same few sets of the level-1 cache and push each other out (measured: 1.5 times slower). The number of rows allocated
/// is even, because kernels work on rows in pairs. Kernels may compute the padding; it is never read as a result.
public struct Matrix: Sendable, Hashable {
  /// Rows, one for each example.
  public let rows: Int
  /// Columns, without padding.
  public let columns: Int
  /// Floats from one row to the next.
  package let stride: Int
  package var block: AlignedFloats

  /// A matrix of zeros.
  public init(rows: Int, columns: Int) {
    precondition(rows >= 0 && columns >= 0)
    self.rows = rows
    self.columns = columns
    stride = Matrix.stride(columns)
    block = AlignedFloats(zeros: max((rows + 1) & ~1, 2) * stride)
  }

  private static func stride(_ columns: Int) -> Int { columns <= 16 ? 16 : ((columns + 31) & ~31) + 16 }

  /// Memory of a matrix of that size, in bytes.
  package static func bytes(rows: Int, columns: Int) -> Int { rows * stride(columns) * MemoryLayout<Float>.stride }

  /// A matrix from nested rows of equal length.
  package init(_ values: [[Float]]) {
    self.init(rows: values.count, columns: values.first?.count ?? 0)
    for (row, line) in values.enumerated() {
      precondition(line.count == columns, "row \(row) has \(line.count) columns, not \(columns)")
      for (column, value) in line.enumerated() { self[row, column] = value }
    }
  }

  /// The element at `row`, `column`.
  public subscript(row: Int, column: Int) -> Float {
    get {
      precondition(row >= 0 && row < rows && column >= 0 && column < columns)
      return block[row * stride + column]
    }
    set {
      precondition(row >= 0 && row < rows && column >= 0 && column < columns)
      block[row * stride + column] = newValue
    }
  }

  /// The elements of a row.
  package func row(_ index: Int) -> [Float] {
    precondition(index >= 0 && index < rows)
    return block.withFloats { Array(UnsafeBufferPointer(start: $0 + index * stride, count: columns)) }
  }

  /// Replaces a row.
  package mutating func set(row: Int, to values: [Float]) {
    precondition(row >= 0 && row < rows && values.count == columns)
    let start = row * stride
    block.withMutableFloats { floats in
      for (column, value) in values.enumerated() { floats[start + column] = value }
    }
  }

  /// Copies `rows` of `source`, in that order, to the first rows of this matrix. Columns must agree.
  ///
  /// Rows drawn from all over a large matrix would each stall the loop, so they are prefetched some rows ahead (measured:
  /// otherwise that waiting is half the time of an epoch behind a frozen body).
  ///
  /// - Complexity: O(`rows.count` × columns).
  package mutating func gather(_ rows: ArraySlice<Int>, of source: Matrix) {
    precondition(columns == source.columns && rows.count <= self.rows)
    let stride = stride
    let (ahead, lineLength) = (4, 16)
    source.block.withFloats { from in
      block.withMutableFloats { to in
        for (place, row) in rows.enumerated() {
          precondition(row >= 0 && row < source.rows)
          if place + ahead < rows.count {
            let next = from + rows[rows.startIndex + place + ahead] * stride
            for line in Swift.stride(from: 0, to: stride, by: lineLength) { processor_prefetch(next + line) }
          }
          (to + place * stride).update(from: from + row * stride, count: stride)
        }
      }
    }
  }

  /// Copies the first `count` rows of `source` to this matrix, from row `start` on.
  package mutating func copyRows(_ count: Int, of source: Matrix, to start: Int) {
    precondition(columns == source.columns && start >= 0 && count <= source.rows && start + count <= rows)
    let stride = stride
    source.block.withFloats { from in
      block.withMutableFloats { to in (to + start * stride).update(from: from, count: count * stride) }
    }
  }

  func withRows(_ body: (Rows) -> Void) { block.withFloats { body(Rows($0, stride: stride)) } }

  mutating func withWritableRows(_ body: (WritableRows) -> Void) {
    let stride = stride
    block.withMutableFloats { body(WritableRows($0, stride: stride)) }
  }
}
