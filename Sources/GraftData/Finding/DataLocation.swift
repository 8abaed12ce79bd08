import GraftFiles

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The place of a data set on this machine.
package struct DataLocation: Sendable {
  /// The owner of the data, which decides how far it is trusted.
  package enum Origin: Sendable, Hashable {
    /// A folder that the person named: read as it is.
    case given
    /// Our own cache: only files that match the catalogue.
    case cache
    /// A folder of torchvision or Keras: read as it is.
    case neighbour
  }

  package let format: any DatasetFormat
  /// The files, in the format's own order.
  package let files: [String]
  package let origin: Origin
  /// The folder of the files, or the one file.
  package let path: String

  package init(_ format: any DatasetFormat, files: [String], origin: Origin, path: String) {
    self.format = format
    self.files = files
    self.origin = origin
    self.path = path
  }

  /// The name of data that no catalogue knows: of the folder, or of the one file without its extension.
  var dataName: String {
    guard files == [path] else { return folderName(path) }
    let name = lastComponent(path)
    return name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
  }
}

/// The result of looking into folders.
struct DataFinding {
  var location: DataLocation?
  /// Folders and files looked at, in order.
  var places: [String] = []
  /// Sentences about places that have a part of a data set only.
  var incomplete: [String] = []

  /// Looks for data of some formats at a place, unless data was found before.
  mutating func look(
    at path: String, for formats: [any DatasetFormat] = DatasetFormats.all, origin: DataLocation.Origin
  ) throws(FileFailure) {
    guard location == nil else { return }
    places.append(path)
    for format in formats where location == nil {
      switch try format.look(at: path) {
      case .none: break
      case .incomplete(let text): incomplete.append(text)
      case .files(let files): location = DataLocation(format, files: files, origin: origin, path: path)
      }
    }
  }
}

/// The mode bits of the file at `path`; nil if nothing is there.
/// - Throws: `FileFailure` if the system does not tell.
private func mode(of path: String) throws(FileFailure) -> mode_t? {
  // A NUL inside would end the C string early and ask about another file.
  guard !path.utf8.contains(0) else { throw FileFailure(path: path, action: .read, errno: EINVAL) }
  var status = stat()
  if stat(path, &status) == 0 { return status.st_mode & S_IFMT }
  let code = errno
  if code == ENOENT || code == ENOTDIR { return nil }
  throw FileFailure(path: path, action: .read, errno: code)
}

/// Whether something other than a folder is there; an irregular file fails when it is read, and its kind is named.
package func isFile(_ path: String) throws(FileFailure) -> Bool {
  guard let mode = try mode(of: path) else { return false }
  return mode != S_IFDIR
}

/// Whether a folder is there.
func isFolder(_ path: String) throws(FileFailure) -> Bool {
  try mode(of: path) == S_IFDIR
}
