extension KnownDataset {
  /// The result of comparing a file's digest with the published one of the same part.
  package enum FileComparison: String, Sendable {
    case published = "as published"
    case differs = "DIFFERS"
    /// Unpacked or packed anew: only the digest of the packed file is published.
    case unknown = "no SHA-256 is published for this form"
  }

  /// The published digests of a file: of the file as it is downloaded, then of its unpacked content.
  ///
  /// - Parameter name: The file's name, packed (`.gz`) or not; or that of Keras' archive.
  func published(_ name: String) -> [String] {
    if isKeras(name) { return [kerasSHA256].compactMap(\.self) }
    guard let file = file(named: name) else { return [] }
    return [file.sha256, file.unpackedSHA256].compactMap(\.self)
  }

  /// Whether the digests of every form of the file are published, so that other bytes are other data.
  func isComplete(_ name: String) -> Bool {
    isKeras(name) ? kerasSHA256 != nil : file(named: name)?.unpackedSHA256 != nil
  }

  /// Compares a file with the published one of the same part: the right bytes under the wrong name differ.
  ///
  /// - Parameters:
  ///   - name: The file's name, packed (`.gz`) or not, or Keras' archive.
  ///   - digest: SHA-256 of its bytes.
  package func compare(_ name: String, _ digest: String) -> FileComparison {
    if published(name).contains(digest) { return .published }
    if isComplete(name) { return .differs }
    // The published digest is of the form, packed or not, in which the file is downloaded.
    guard let file = file(named: name), file.sha256 != nil else { return .unknown }
    return file.name.hasSuffix(".gz") == name.hasSuffix(".gz") ? .differs : .unknown
  }

  /// The way in which the files of the cache were checked: against what was published, or against their first download.
  var verification: String {
    files.allSatisfy { $0.sha256 != nil } ? "verified" : "as first downloaded; no SHA-256 is published"
  }

  /// The file of the catalogue that a name on disk means; nil if there is none.
  package func file(named name: String) -> KnownFile? { files.first { $0.isNamed(name) } }

  /// Whether a file has the name of Keras's copy of a data set.
  private func isKeras(_ name: String) -> Bool { name.hasSuffix(".npz") && file(named: name) == nil }
}
