import Foundation

/// A request for a data set: its name, and the places it may come from.
public struct DataRequest: Sendable {
  /// A name of the catalogue (`mnist`, `fashion-mnist`), a folder with the four files, or an `.npz` file.
  package var name: String
  /// The folder given by `--data-dir`; if set, no other place is looked at.
  package var dataFolder: String?
  /// The environment, of which `GRAFT_DATA`, `XDG_CACHE_HOME`, `HOME` and `KERAS_HOME` are read.
  package var environment: [String: String]
  /// Whether no socket may be opened.
  package var isOffline: Bool
  /// A callback, called about ten times a second during a download.
  package var progress: (@Sendable (DownloadProgress) -> Void)?

  /// A request for the data set, folder or file of a name.
  public init(
    name: String, dataFolder: String? = nil,
    environment: [String: String] = ProcessInfo.processInfo.environment, isOffline: Bool = false,
    progress: (@Sendable (DownloadProgress) -> Void)? = nil
  ) {
    self.name = name
    self.dataFolder = dataFolder
    self.environment = environment
    self.isOffline = isOffline
    self.progress = progress
  }
}

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
