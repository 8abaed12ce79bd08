import Foundation

/// Class indices as a store keeps them: one byte each, or two (little-endian) if there are more than 256 classes.
enum ClassBytes {
  static func data(_ classes: [Int], isWide: Bool) -> Data {
    guard isWide else { return Data(classes.map { UInt8(truncatingIfNeeded: $0) }) }
    return Data(classes.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] })
  }

  /// The indices of the bytes; an odd byte at the end of wide ones is one index too many, which the count then tells.
  static func classes(_ bytes: [UInt8], isWide: Bool) -> [Int] {
    guard isWide else { return bytes.map(Int.init) }
    return stride(from: 0, to: bytes.count, by: 2).map { place in
      Int(bytes[place]) | (place + 1 < bytes.count ? Int(bytes[place + 1]) << 8 : 0)
    }
  }
}
