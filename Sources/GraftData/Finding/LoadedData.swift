/// A data set with a description of its origin for the record of a run.
public struct LoadedData: Sendable {
  /// The training and the test images.
  public let pair: DatasetPair
  /// The origin, and how far it was compared with the published files, as one line.
  package let source: String
  /// SHA-256 of each file as it was on disk, packed or not.
  package let fileDigests: [(name: String, sha256: String)]
  /// Sentences about suspicious pixels, such as images that are nearly black; empty for usual data.
  package let remarks: [String]

  /// Data with its origin and digests; remarks are derived from the pixels.
  package init(pair: DatasetPair, source: String, fileDigests: [(name: String, sha256: String)]) {
    self.pair = pair
    self.source = source
    self.fileDigests = fileDigests
    remarks = pair.pixelRemarks
  }
}
