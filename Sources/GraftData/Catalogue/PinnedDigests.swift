import GraftFiles

/// The SHA-256 of files in the cache for which none is published, as they were at their first download.
///
/// They are kept in `SHA256SUMS` beside the files, in the form that `sha256sum --check` reads.
package struct PinnedDigests {
  private var digests: [String: String] = [:]
  private let path: String

  /// The digests of a folder; none if nothing was pinned there.
  ///
  /// - Throws: `FileFailure` if the file cannot be read, `FormatError` if it is damaged.
  package init(in folder: String) throws {
    path = join(folder, "SHA256SUMS")
    guard try isFile(path) else { return }
    let text = String(decoding: try readFile(at: path, limit: 64 << 10), as: UTF8.self)
    for (index, line) in text.split(whereSeparator: \.isNewline).enumerated() {
      let parts = line.split(separator: "  ", maxSplits: 1)
      guard parts.count == 2, parts[0].count == 64, parts[0].allSatisfy(\.isHexDigit) else {
        throw FormatError(path: path, problem: "line \(index + 1): expected a SHA-256, two spaces and a name")
      }
      digests[String(parts[1])] = String(parts[0])
    }
  }

  /// The digest of a file; nil if it was not pinned.
  package subscript(_ name: String) -> String? { digests[name] }

  /// Keeps the digest of a file. The caller has the folder's lock.
  mutating func pin(_ name: String, _ digest: String) throws {
    digests[name] = digest
    let lines = digests.sorted { $0.key < $1.key }.map { "\($0.value)  \($0.key)\n" }
    try AtomicFile.write(Array(lines.joined().utf8), to: path, createFolders: true)
  }
}
