#if canImport(CryptoKit)
  import CryptoKit
#else
  import CGraftCrypto
#endif

/// SHA-256 (FIPS 180-4) as 64 lower-case hexadecimal digits.
package enum SHA256Digest {
  /// Computes the digest of bytes in memory.
  package static func hex(of bytes: [UInt8]) -> String {
    var stream = Stream()
    stream.update(bytes)
    return stream.hex()
  }

  /// Computes the digest of a regular file, read in pieces of 1 MiB.
  /// - Throws: `FileFailure` if the file cannot be read or changes meanwhile.
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

    package mutating func update(_ bytes: UnsafeBufferPointer<UInt8>) {
      function.update(bufferPointer: UnsafeRawBufferPointer(bytes))
    }

    /// The digest of all bytes so far; more may follow.
    package func hex() -> String { hexadecimalDigits(of: function.finalize()) }
  }
}

#if !canImport(CryptoKit)
  /// SHA-256 by the system's libcrypto, with the interface of CryptoKit's.
  ///
  /// A copy is independent: the context is copied when a shared one is updated. libcrypto refuses these calls only if memory is
  /// exhausted, which ends a Swift program anywhere else as well.
  private struct SHA256 {
    /// An `EVP_MD_CTX` and its memory.
    private final class Context {
      let pointer: OpaquePointer

      init() {
        guard let pointer = EVP_MD_CTX_new(), EVP_DigestInit_ex(pointer, EVP_sha256(), nil) == 1 else {
          fatalError("libcrypto gives no SHA-256")
        }
        self.pointer = pointer
      }

      /// A context with the state of another one.
      init(copying other: Context) {
        guard let pointer = EVP_MD_CTX_new(), EVP_MD_CTX_copy_ex(pointer, other.pointer) == 1 else {
          fatalError("libcrypto copies no SHA-256")
        }
        self.pointer = pointer
      }

      deinit { EVP_MD_CTX_free(pointer) }
    }

    private var context = Context()

    mutating func update(bufferPointer bytes: UnsafeRawBufferPointer) {
      if !isKnownUniquelyReferenced(&context) { context = Context(copying: context) }
      guard EVP_DigestUpdate(context.pointer, bytes.baseAddress, bytes.count) == 1 else {
        fatalError("libcrypto takes no bytes")
      }
    }

    func finalize() -> [UInt8] {
      let last = Context(copying: context)
      var digest = [UInt8](repeating: 0, count: 32)
      guard EVP_DigestFinal_ex(last.pointer, &digest, nil) == 1 else { fatalError("libcrypto gives no digest") }
      return digest
    }
  }
#endif
