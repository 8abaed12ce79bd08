import Foundation

/// Which data is wanted, and where it may come from.
public struct DataRequest: Sendable {
  /// A name of the catalogue (`mnist`, `fashion-mnist`), a folder with the four files, or an `.npz` file.
  public var name: String
  /// The folder given by `--data-dir`: where it is set, no other place is looked at.
  public var dataFolder: String?
  /// `GRAFT_DATA`, `XDG_CACHE_HOME`, `HOME` and `KERAS_HOME` are read.
  public var environment: [String: String]
  /// Whether no socket may be opened.
  public var isOffline: Bool
  /// Called about ten times a second while something is downloaded.
  public var progress: (@Sendable (DownloadProgress) -> Void)?

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

/// A data set with what a record of a run says about where it came from.
public struct LoadedData: Sendable {
  public let pair: DatasetPair
  /// Where it came from and how far it was compared with what is published, as one line.
  public let source: String
  /// SHA-256 of each file as it was on disk, packed or not.
  public let fileDigests: [(name: String, sha256: String)]
  /// Sentences about pixels that are not what they should be, such as images that are nearly black; none for usual data.
  public let remarks: [String]

  public init(pair: DatasetPair, source: String, fileDigests: [(name: String, sha256: String)]) {
    self.pair = pair
    self.source = source
    self.fileDigests = fileDigests
    remarks = pair.pixelRemarks
  }
}
