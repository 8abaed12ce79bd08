extension [UInt8] {
  /// Appends a number, lowest byte first.
  mutating func append<Number: FixedWidthInteger>(littleEndian number: Number) {
    Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
  }
}

extension [Float] {
  /// The numbers one behind the other, the lowest byte of each first.
  var littleEndianBytes: [UInt8] {
    map(\.bitPattern.littleEndian).withUnsafeBytes([UInt8].init)
  }
}
