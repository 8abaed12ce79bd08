import GraftFiles

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The place of a data set on this machine.
package struct DataLocation: Sendable, Hashable {
  /// The files at the place.
  package enum Content: Sendable, Hashable {
    /// The four files, in the order of `DatasetPart`.
    case parts([String])
    /// The four arrays in one NumPy file.
    case npz(String)
  }

  /// The owner of the data, which decides how far it is trusted.
  package enum Origin: Sendable, Hashable {
    /// A folder that the person named: read as it is.
    case given
    /// Our own cache: only files that match the catalogue.
    case cache
    /// A folder of torchvision or Keras: read as it is.
    case neighbour
  }

  package let content: Content
  package let origin: Origin
  /// The folder of the four files, or the one file.
  package let path: String

  package init(_ content: Content, origin: Origin, path: String) {
    self.content = content
    self.origin = origin
    self.path = path
  }
}

/// The result of looking into folders.
struct DataFinding {
  var location: DataLocation?
  /// Folders and files looked at, in order.
  var places: [String] = []
  /// Folders in which some of the four files are and others are missing.
  var incomplete: [String] = []

  /// Looks for the four files; any of the spellings will do for each.
  mutating func lookForParts(in folder: String, origin: DataLocation.Origin) throws(FileFailure) {
    guard location == nil else { return }
    places.append(folder)
    var paths: [String] = []
    var missing: [String] = []
    for part in DatasetPart.allCases {
      // Our own cache has only files that we put there.
      let names = origin == .cache ? [part.rawValue + ".gz"] : part.fileNames
      var found: String?
      for name in names where found == nil {
        let path = join(folder, name)
        if try isFile(path) { found = path }
      }
      if let found { paths.append(found) } else { missing.append(part.rawValue + ".gz") }
    }
    if missing.isEmpty {
      location = DataLocation(.parts(paths), origin: origin, path: folder)
    } else if !paths.isEmpty {
      incomplete.append("\(folder) lacks \(missing.joined(separator: ", "))")
    }
  }

  /// Looks for the four arrays in one file.
  mutating func lookForArrays(at path: String, origin: DataLocation.Origin) throws(FileFailure) {
    guard location == nil else { return }
    places.append(path)
    if try isFile(path) { location = DataLocation(.npz(path), origin: origin, path: path) }
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
func isFile(_ path: String) throws(FileFailure) -> Bool {
  guard let mode = try mode(of: path) else { return false }
  return mode != S_IFDIR
}

/// Whether a folder is there.
func isFolder(_ path: String) throws(FileFailure) -> Bool {
  try mode(of: path) == S_IFDIR
}
