/// The file of a program's large tensors, as coremltools' MILBlob writes it: a head of 64 bytes, and for each tensor 64 bytes about it and
/// its numbers, both at multiples of 64 (https://github.com/apple/coremltools, mlmodel/src/MILBlob/Blob/StorageFormat.hpp).
struct MILWeights {
  private var content: [UInt8] = []
  private var count = 0

  /// Adds numbers and returns the place of what says where they are.
  mutating func add(_ numbers: [Float]) -> Int {
    let head = 64 + content.count
    content.append(littleEndian: UInt32(0xDEAD_BEEF))
    // BlobDataType: 2 is a float of 32 bits.
    content.append(littleEndian: UInt32(2))
    content.append(littleEndian: UInt64(4 * numbers.count))
    content.append(littleEndian: UInt64(head + 64))
    content += [UInt8](repeating: 0, count: 40)
    content += numbers.littleEndianBytes
    content += [UInt8](repeating: 0, count: (64 - content.count % 64) % 64)
    count += 1
    return head
  }

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(littleEndian: UInt32(count))
    // Version 2 of the format.
    bytes.append(littleEndian: UInt32(2))
    return bytes + [UInt8](repeating: 0, count: 56) + content
  }
}
