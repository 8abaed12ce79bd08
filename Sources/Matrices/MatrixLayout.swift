/// Where a row-major matrix lies in a block of floats.
///
/// Rows start `stride` floats apart: the columns rounded up to one vector of 16, or to tiles of 32 from the second vector
/// on, because kernels compute two vectors side by side. The number of rows set aside is even for the same reason. Kernels
/// may compute the padding; it is never read as a result, and padded weights stay zero.
public struct MatrixLayout: Sendable, Hashable {
  /// Index of the first element in the block, a multiple of 16.
  public let offset: Int
  public let rows: Int
  public let columns: Int
  /// Floats from the start of one row to the start of the next.
  public let stride: Int

  public init(offset: Int = 0, rows: Int, columns: Int) {
    self.offset = offset
    self.rows = rows
    self.columns = columns
    stride = MatrixLayout.paddedColumns(columns)
  }

  /// Floats set aside, padding included.
  public var footprint: Int { paddedRows * stride }

  /// Rows set aside: an even number, because kernels work on rows in pairs.
  var paddedRows: Int { (rows + 1) & ~1 }

  static func paddedColumns(_ columns: Int) -> Int { columns <= 16 ? 16 : (columns + 31) & ~31 }

  /// Index in the block of the element at `row`, `column`.
  public func index(_ row: Int, _ column: Int) -> Int { offset + row * stride + column }
}
