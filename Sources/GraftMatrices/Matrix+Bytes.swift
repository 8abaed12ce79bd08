/// Rows as bytes, for other processes of the same program.
extension Matrix {
  /// The elements row by row, without padding, in the machine's order of bytes.
  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 * rows * columns)
    block.withFloats { floats in
      for row in 0..<rows {
        bytes.append(contentsOf: UnsafeRawBufferPointer(start: floats + row * stride, count: 4 * columns))
      }
    }
    return bytes
  }

  /// Replaces some rows by what ``bytes`` gave for them.
  package mutating func set(rows range: Range<Int>, toBytes bytes: [UInt8]) {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows && bytes.count == 4 * range.count * columns)
    let (columns, stride) = (columns, stride)
    bytes.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      block.withMutableFloats { floats in
        for (place, row) in range.enumerated() {
          UnsafeMutableRawPointer(floats + row * stride).copyMemory(
            from: start + 4 * place * columns, byteCount: 4 * columns)
        }
      }
    }
  }
}
