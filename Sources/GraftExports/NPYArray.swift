/// NumPy's format of one array, version 1.0 (NumPy Enhancement Proposal 1).
enum NPYArray {
  /// An array of 32-bit floats, row-major.
  static func encode(_ values: [Float], shape: [Int]) -> [UInt8] {
    head("<f4", shape) + values.littleEndianBytes
  }

  /// An array of 64-bit integers, row-major.
  static func encode(_ values: [Int], shape: [Int]) -> [UInt8] {
    var bytes = head("<i8", shape)
    bytes.reserveCapacity(bytes.count + 8 * values.count)
    for value in values { bytes.append(littleEndian: Int64(value)) }
    return bytes
  }

  /// The header, padded so that the elements begin at a multiple of 64 bytes.
  private static func head(_ type: String, _ shape: [Int]) -> [UInt8] {
    let sizes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(sizes)), }"
    let unpadded = 10 + header.utf8.count + 1
    header += String(repeating: " ", count: (64 - unpadded % 64) % 64) + "\n"
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
    bytes.append(littleEndian: UInt16(header.utf8.count))
    return bytes + Array(header.utf8)
  }
}
