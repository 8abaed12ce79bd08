extension KnownDataset {
  /// The result of comparing a file's digest with the published one of the same part.
  package enum FileComparison: String, Sendable {
    case published = "as published"
    case differs = "DIFFERS"
    /// Unpacked or packed anew: only the digest of the packed file is published.
    case unknown = "no published digest for this form"
  }

  /// The published digests of a file: of the file as it is downloaded, then of its unpacked content.
  ///
  /// - Parameter name: The file's name, packed (`.gz`) or not; or that of Keras' archive.
  func published(_ name: String) -> [String] {
    if name.hasSuffix(".npz") { return [kerasSHA256].compactMap(\.self) }
    guard let file = part(named: name) else { return [] }
    return [file.sha256, file.unpackedSHA256].compactMap(\.self)
  }

  /// Whether the digests of every form of the file are published, so that other bytes are other data.
  func isComplete(_ name: String) -> Bool {
    name.hasSuffix(".npz") ? kerasSHA256 != nil : part(named: name)?.unpackedSHA256 != nil
  }

  /// Compares a file with the published one of the same part: the right bytes under the wrong name differ.
  ///
  /// - Parameters:
  ///   - name: The file's name, packed (`.gz`) or not, or Keras' archive.
  ///   - digest: SHA-256 of its bytes.
  package func compare(_ name: String, _ digest: String) -> FileComparison {
    if published(name).contains(digest) { return .published }
    if name.hasSuffix(".gz") { return part(named: name) == nil ? .unknown : .differs }
    return isComplete(name) ? .differs : .unknown
  }

  private func part(named name: String) -> KnownFile? {
    let plain = name.replacing(".idx", with: "-idx")
    return files.first { plain.contains($0.part.rawValue) }
  }
}
