/// A data set with a description of its origin for the record of a run.
public struct LoadedData: Sendable {
  /// The training and the test images.
  public package(set) var pair: DatasetPair
  /// The origin, and how far it was compared with the published files, as one line.
  package private(set) var source: String
  /// SHA-256 of each file as it was on disk, packed or not.
  package let fileDigests: [(name: String, sha256: String)]
  /// Sentences about suspicious pixels, such as images that are nearly black; empty for usual data.
  package let remarks: [String]

  /// Sentences about what was done to read the data: sizes, colours, parts that were set aside.
  package let notes: [String]

  /// The way in which pictures were brought to one size (`PictureFit.Mode`); nil for other data.
  package let pictureFit: String?

  /// Data with its origin and digests; remarks about the pixels are added to those of the reader.
  package init(
    pair: DatasetPair, source: String, fileDigests: [(name: String, sha256: String)], remarks: [String] = [],
    notes: [String] = [], pictureFit: String? = nil
  ) {
    self.pair = pair
    self.source = source
    self.fileDigests = fileDigests
    self.notes = notes
    self.pictureFit = pictureFit
    self.remarks = remarks + pair.pixelRemarks
  }

  /// The same data with another description of its origin.
  func with(source: String) -> LoadedData {
    var copy = self
    copy.source = source
    return copy
  }
}
