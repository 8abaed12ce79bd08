/// A file of the catalogue, as its authors published it.
package struct KnownFile: Sendable, Hashable {
  /// Its name on every mirror and in the cache.
  package let name: String
  /// Size in bytes; nil if no published size is known.
  package let size: Int?
  /// SHA-256, 64 lower-case hexadecimal digits, that downloads are checked against; nil if none is published. The first
  /// download is checked against the MD5 then, and its own digest is kept beside it (`PinnedDigests`).
  package let sha256: String?
  /// SHA-256 of the unpacked file, if it was computed from the verified packed one.
  package let unpackedSHA256: String?
  /// The MD5 that the authors or torchvision publish.
  package let md5: String?
  /// The first digits of the SHA-256, if no more of it is published: PyTorch has them in the names of its files.
  package let sha256Prefix: String?

  /// A file with its size in bytes and its digests.
  package init(
    _ name: String, size: Int? = nil, sha256: String? = nil, unpackedSHA256: String? = nil, md5: String? = nil,
    sha256Prefix: String? = nil
  ) {
    self.name = name
    self.size = size
    self.sha256 = sha256
    self.unpackedSHA256 = unpackedSHA256
    self.md5 = md5
    self.sha256Prefix = sha256Prefix
  }

  /// The most bytes that are taken of a file whose size is not published.
  static let largestUnpublished = 256 << 20

  /// Whether a file on disk is this one by its name: as published, unpacked, or with the dot that some unpackers leave.
  func isNamed(_ name: String) -> Bool {
    func plain(_ name: String) -> String {
      let name = name.replacing(".idx", with: "-idx")
      return name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
    }
    return plain(name) == plain(self.name)
  }
}
