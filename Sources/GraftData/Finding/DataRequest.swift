import Foundation

/// A request for a data set: its name, and the places it may come from.
public struct DataRequest: Sendable {
  /// A name of the catalogue (`mnist`, `fashion-mnist`), a folder with the four files, or an `.npz` file.
  package var name: String
  /// The folder given by `--data-dir`; if set, no other place is looked at.
  package var dataFolder: String?
  /// The wishes about data that can be read in several ways.
  package var options = ReadingOptions()
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
