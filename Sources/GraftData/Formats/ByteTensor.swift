import GraftFiles
import GraftMatrices

/// Bytes in rows and columns: the images or the labels of a data set, as every reader of a format gives them.
package struct ByteTensor: Sendable, Hashable {
  /// Sizes from the outermost dimension to the innermost, none of them zero.
  package let dimensions: [Int]
  /// The elements, row-major; as many as the product of the dimensions. A row is an element of the outermost dimension.
  package let rows: PixelRows
  /// The elements; those in a file are copied into memory.
  package var bytes: [UInt8] { rows.bytes }

  /// - Throws: `FormatError` if the product of the dimensions is zero or is not the number of bytes.
  package init(dimensions: [Int], bytes: [UInt8]) throws(FormatError) {
    let count = try ByteTensor.count(dimensions)
    guard bytes.count == count else {
      throw .expected("\(byteCount(count)) of data (\(dimensionText(dimensions)))", found: byteCount(bytes.count))
    }
    self.init(dimensions: dimensions, checked: bytes)
  }

  init(dimensions: [Int], checked bytes: [UInt8]) {
    self.init(dimensions: dimensions, rows: PixelRows(bytes, columns: dimensions.dropFirst().reduce(1, *)))
  }

  init(dimensions: [Int], rows: PixelRows) {
    precondition(rows.count == dimensions[0] && rows.columns == dimensions.dropFirst().reduce(1, *))
    self.dimensions = dimensions
    self.rows = rows
  }

  /// The parts of the outermost dimension at `indices`, in that order; there must be one at least.
  func selecting(_ indices: [Int]) -> ByteTensor {
    ByteTensor(dimensions: [indices.count] + dimensions.dropFirst(), rows: rows.selecting(indices))
  }

  /// The number of elements.
  ///
  /// - Throws: `FormatError` if it is zero, or more than `Int` counts.
  static func count(_ dimensions: [Int], offset: Int? = nil) throws(FormatError) -> Int {
    var count = 1
    for dimension in dimensions {
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      guard dimension >= 0, !overflow else {
        throw FormatError(offset: offset, problem: "the dimensions \(dimensionText(dimensions)) are too large")
      }
      count = product
    }
    guard count > 0 else {
      let things = dimensions.count == 1 ? "labels" : "images"
      throw FormatError(offset: offset, problem: "the dataset has no \(things): \(dimensionText(dimensions))")
    }
    return count
  }
}
