import GraftFiles

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A store's file as the file system sees it. It is checked before SQLite opens it, because SQLite answers every
/// problem with "unable to open database file".
///
/// The file is checked by its name and never opened: SQLite's locks are POSIX locks, and a process that closes any
/// descriptor of a file loses all its locks on it, those of other connections included (sqlite.org/howtocorrupt.html,
/// section 2.2).
struct StoreFile {
  let path: String

  /// The path for SQLite: without a folder in front, `:memory:` would be no file at all, and all trials would be lost.
  var unambiguousPath: String { path.hasPrefix("/") ? path : "./\(path)" }

  /// The folder that contains the file.
  var folder: String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The real file if `path` is a symbolic link; `path` if there is no such file.
  var resolved: String {
    guard !path.utf8.contains(0), let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// Refuses a file that is missing, irregular or unreadable.
  func checkReadable() throws(FileFailure) {
    guard try isRegular(for: .read) else { throw FileFailure(path: path, action: .read, errno: ENOENT) }
    guard access(path, R_OK) == 0 else { throw FileFailure(path: path, action: .read, errno: errno) }
  }

  /// Refuses a file that cannot be written, and creates the folders of a missing one.
  func checkWritable() throws(FileFailure) {
    guard path.utf8.last != UInt8(ascii: "/") else { throw FileFailure(path: path, action: .create, errno: EISDIR) }
    guard try isRegular(for: .create) else {
      try Folder.create(at: folder)
      guard access(folder, W_OK | X_OK) == 0 else { throw FileFailure(path: path, action: .create, errno: errno) }
      return
    }
    guard access(path, R_OK) == 0 else { throw FileFailure(path: path, action: .read, errno: errno) }
    guard access(path, W_OK) == 0 else { throw FileFailure(path: path, action: .write, errno: errno) }
    let home = StoreFile(path: resolved).folder
    guard access(home, W_OK | X_OK) == 0 else {
      throw FileFailure(
        path: path, action: .write, reason: "its folder must be writable too, for SQLite's journal", kind: .noPermission
      )
    }
  }

  /// Whether there is such a regular file; something else of that name is an error.
  func isRegular(for action: FileFailure.Action) throws(FileFailure) -> Bool {
    guard !path.isEmpty else { throw FileFailure(path: path, action: action, errno: ENOENT) }
    guard !path.utf8.contains(0) else { throw FileFailure(path: path, action: action, errno: EINVAL) }
    var status = stat()
    guard stat(path, &status) == 0 else {
      let code = errno
      if code == ENOENT { return false }
      throw FileFailure(path: path, action: action, errno: code)
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return true
    case S_IFDIR: throw FileFailure(path: path, action: action, errno: EISDIR)
    default:
      throw FileFailure(
        path: path, action: action, reason: "not a regular file but \(kindName(status.st_mode))",
        kind: action == .read ? .missingInput : .cannotCreate)
    }
  }
}
