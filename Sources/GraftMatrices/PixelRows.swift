import GraftFiles

/// Rows of bytes, such as the pixels of images: in memory, or in a file that the system reads as its rows are needed.
///
/// Rows in a file are never copied as a whole: some of them in another order are the same file with a list of indices.
package struct PixelRows: Sendable {
  private enum Storage: Sendable {
    /// All rows, in order.
    case memory([UInt8])
    /// The row of the file for each row; nil if they are all rows in the file's order.
    case file(MappedFile, order: [Int]?)
  }

  private let storage: Storage
  /// Bytes in one row.
  package let columns: Int

  /// The rows of an array, row after row.
  package init(_ bytes: [UInt8], columns: Int) {
    precondition(columns > 0 && bytes.count.isMultiple(of: columns))
    self.init(.memory(bytes), columns: columns)
  }

  /// The rows of a file, row after row.
  package init(_ file: MappedFile, columns: Int) {
    precondition(columns > 0 && file.count.isMultiple(of: columns))
    self.init(.file(file, order: nil), columns: columns)
  }

  private init(_ storage: Storage, columns: Int) { (self.storage, self.columns) = (storage, columns) }

  /// Number of rows.
  package var count: Int {
    switch storage {
    case .memory(let bytes): bytes.count / columns
    case .file(let file, let order): order?.count ?? file.count / columns
    }
  }

  /// Whether the rows lie in a file.
  package var isInFile: Bool { if case .file = storage { true } else { false } }

  /// All bytes, row after row. Those in a file are copied into memory.
  package var bytes: [UInt8] {
    if case .memory(let bytes) = storage { return bytes }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count * columns)
    withRows { row in for index in 0..<count { bytes += row(index) } }
    return bytes
  }

  /// The bytes of one row. Those in a file are copied.
  package subscript(index: Int) -> ArraySlice<UInt8> {
    if case .memory(let bytes) = storage { return bytes[index * columns..<(index + 1) * columns] }
    return withRows { row in ArraySlice(row(index)) }
  }

  /// Calls `body` with a function that gives the bytes of a row, valid until `body` returns.
  @inline(__always)
  package func withRows<Result, E: Error>(
    _ body: ((_ index: Int) -> UnsafeBufferPointer<UInt8>) throws(E) -> Result
  ) throws(E) -> Result {
    let (columns, count) = (columns, count)
    switch storage {
    case .memory(let bytes):
      return try bytes.withUnsafeBufferPointer { bytes throws(E) in
        try body { row in
          precondition(row >= 0 && row < count)
          return UnsafeBufferPointer(rebasing: bytes[row * columns..<(row + 1) * columns])
        }
      }
    case .file(let file, let order):
      defer { withExtendedLifetime(file) {} }
      let bytes = file.bytes.bindMemory(to: UInt8.self)
      return try body { row in
        precondition(row >= 0 && row < count)
        let row = order?[row] ?? row
        return UnsafeBufferPointer(rebasing: bytes[row * columns..<(row + 1) * columns])
      }
    }
  }

  /// The usual limit of `selecting(_:copying:)`, in bytes: fewer rows of a file are copied into memory.
  package static let mostCopied = 256 << 20

  /// The rows at `indices`, in that order. Rows in a file stay there unless they have at most `mostCopied` bytes.
  package func selecting(_ indices: [Int], copying mostCopied: Int = PixelRows.mostCopied) -> PixelRows {
    switch storage {
    case .file(let file, let order) where indices.count * columns > mostCopied:
      return PixelRows(.file(file, order: indices.map { order?[$0] ?? $0 }), columns: columns)
    default:
      var chosen: [UInt8] = []
      chosen.reserveCapacity(indices.count * columns)
      withRows { row in for index in indices { chosen += row(index) } }
      return PixelRows(chosen, columns: columns)
    }
  }

  /// The first `count` rows.
  package func prefix(_ count: Int) -> PixelRows {
    if case .memory(let bytes) = storage { return PixelRows(Array(bytes.prefix(count * columns)), columns: columns) }
    return selecting(Array(0..<min(count, self.count)))
  }
}

extension PixelRows: Hashable {
  package static func == (one: PixelRows, other: PixelRows) -> Bool {
    if case (.memory(let bytes), .memory(let others)) = (one.storage, other.storage) {
      return one.columns == other.columns && bytes == others
    }
    return one.columns == other.columns && one.count == other.count
      && one.withRows { row in
        other.withRows { otherRow in (0..<one.count).allSatisfy { row($0).elementsEqual(otherRow($0)) } }
      }
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(columns)
    withRows { row in for index in 0..<count { hasher.combine(bytes: UnsafeRawBufferPointer(row(index))) } }
  }
}
