#if canImport(CryptoKit)
  import CryptoKit
#else
  import CGraftCrypto
#endif

/// MD5 (RFC 1321) as 32 lower-case hexadecimal digits: an old list's word on whether a file came over whole.
///
/// Somebody who wants to can make two files with one MD5, so a SHA-256 is asked wherever one is known.
package enum MD5Digest {
  /// Computes the digest of bytes in memory.
  ///
  /// - Throws: `GraftFailure` of kind `unavailable` if the system's libcrypto has no MD5, which one in FIPS mode has not.
  package static func hex(of bytes: [UInt8]) throws(GraftFailure) -> String {
    hexadecimalDigits(of: try digest(of: bytes))
  }

  #if canImport(CryptoKit)
    private static func digest(of bytes: [UInt8]) throws(GraftFailure) -> [UInt8] {
      Array(Insecure.MD5.hash(data: bytes))
    }
  #else
    private static func digest(of bytes: [UInt8]) throws(GraftFailure) -> [UInt8] {
      var digest = [UInt8](repeating: 0, count: 16)
      var count: UInt32 = 0
      guard EVP_Digest(bytes, bytes.count, &digest, &count, EVP_md5(), nil) == 1, count == 16 else {
        throw GraftFailure(
          .unavailable, "this system's libcrypto gives no MD5 (FIPS mode?), by which the published file is known")
      }
      return digest
    }
  #endif
}

/// Bytes as lower-case hexadecimal digits.
func hexadecimalDigits(of bytes: some Sequence<UInt8>) -> String {
  let digits = Array("0123456789abcdef".utf8)
  var text: [UInt8] = []
  for byte in bytes {
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
  return String(decoding: text, as: UTF8.self)
}
