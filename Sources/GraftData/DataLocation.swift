import GraftFiles

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Where a data set lies on this machine.
package struct DataLocation: Sendable, Hashable {
  /// What is there.
  package enum Content: Sendable, Hashable {
    /// The four files, in the order of `DatasetPart`.
    case parts([String])
    /// The four arrays in one file of NumPy's.
    case npz(String)
  }

  /// Who put it there, and so how far it is trusted.
  package enum Origin: Sendable, Hashable {
    /// A folder the person named: read as it is.
    case given
    /// Our own cache: only what matches the catalogue.
    case cache
    /// A place where torchvision or Keras keep theirs: read as it is.
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

/// What looking into folders found.
struct DataFinding {
  var location: DataLocation?
  /// Folders and files looked at, in order.
  var places: [String] = []
  /// Where some of the four files are and others are not.
  var incomplete: [String] = []

  /// Looks for the four files; any of the spellings will do for each.
  mutating func lookForParts(in folder: String, origin: DataLocation.Origin) throws(FileFailure) {
    guard location == nil else { return }
    places.append(folder)
    var paths: [String] = []
    var missing: [String] = []
    for part in DatasetPart.allCases {
      // Our own cache holds only what we put there.
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

/// The mode bits of what is at `path`, nil where nothing is.
/// - Throws: `FileFailure` where the system does not let us know.
private func mode(of path: String) throws(FileFailure) -> mode_t? {
  // A NUL inside would end the C string early and ask about another file.
  guard !path.utf8.contains(0) else { throw FileFailure(path: path, action: .read, errno: EINVAL) }
  var status = stat()
  if stat(path, &status) == 0 { return status.st_mode & S_IFMT }
  let code = errno
  if code == ENOENT || code == ENOTDIR { return nil }
  throw FileFailure(path: path, action: .read, errno: code)
}

/// Whether something other than a folder is there; what is no regular file fails when it is read, with its kind.
func isFile(_ path: String) throws(FileFailure) -> Bool {
  guard let mode = try mode(of: path) else { return false }
  return mode != S_IFDIR
}

/// Whether a folder is there.
func isFolder(_ path: String) throws(FileFailure) -> Bool {
  try mode(of: path) == S_IFDIR
}
