extension KnownDataset {
  /// The result of comparing a file's digest with the published one of the same part.
  package enum FileComparison: String, Sendable {
    case published = "as published"
    case differs = "DIFFERS"
    /// Unpacked or packed anew: only the digest of the packed file is published.
    case unknown = "no published digest for this form"
  }

  /// Compares a file with the published one of the same part: the right bytes under the wrong name differ.
  ///
  /// - Parameters:
  ///   - name: The file's name, packed (`.gz`) or not, or Keras' archive.
  ///   - digest: SHA-256 of its bytes.
  package func compare(_ name: String, _ digest: String) -> FileComparison {
    if name.hasSuffix(".npz") { return kerasSHA256.map { $0 == digest ? .published : .differs } ?? .unknown }
    let plain = name.replacing(".idx", with: "-idx")
    guard let file = files.first(where: { plain.contains($0.part.rawValue) }) else { return .unknown }
    if plain.hasSuffix(".gz") { return file.sha256 == digest ? .published : .differs }
    return file.unpackedSHA256.map { $0 == digest ? .published : .differs } ?? .unknown
  }
}
