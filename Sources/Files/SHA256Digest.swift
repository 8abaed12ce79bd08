#if canImport(CryptoKit)
  import CryptoKit
#else
  import Crypto
#endif

/// SHA-256 (FIPS 180-4) as 64 lower-case hexadecimal digits.
package enum SHA256Digest {
  /// The digest of bytes in memory.
  package static func hex(of bytes: [UInt8]) -> String {
    var stream = Stream()
    stream.update(bytes)
    return stream.hex()
  }

  /// The digest of a regular file, read in pieces of 1 MiB.
  /// - Throws: `FileFailure` where the file cannot be read or changes meanwhile.
  package static func hex(ofFileAt path: String) throws -> String {
    let file = try RegularFile(opening: path)
    var stream = Stream()
    while true {
      let piece = try file.read(upTo: 1 << 20)
      if piece.isEmpty { break }
      stream.update(piece)
    }
    try file.checkUnchanged()
    return stream.hex()
  }

  /// A digest of bytes that arrive in pieces.
  package struct Stream {
    private var function = SHA256()

    package init() {}

    package mutating func update(_ bytes: [UInt8]) {
      bytes.withUnsafeBytes { function.update(bufferPointer: $0) }
    }

    package mutating func update(_ bytes: ArraySlice<UInt8>) {
      bytes.withUnsafeBytes { function.update(bufferPointer: $0) }
    }

    /// The digest of everything so far; more may follow.
    package func hex() -> String {
      let digits = Array("0123456789abcdef".utf8)
      var text: [UInt8] = []
      text.reserveCapacity(2 * SHA256.byteCount)
      for byte in function.finalize() {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
      }
      return String(decoding: text, as: UTF8.self)
    }
  }
}
