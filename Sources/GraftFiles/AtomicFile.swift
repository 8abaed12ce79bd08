#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A writer that replaces a file in one step: a reader, and an interruption of the writer, find either the whole old
/// content or the whole new one.
///
/// It writes a temporary file beside the target (rename is atomic within one file system only): all bytes, fsync,
/// rename, fsync of the folder. On an error before the rename the temporary is removed and the old file is untouched.
package enum AtomicFile {
  /// Replaces a file by one with new content.
  /// - Parameters:
  ///   - bytes: The new content.
  ///   - path: A regular file or a name not yet taken; a symbolic link is followed.
  ///   - createFolders: Whether to create missing parent folders.
  /// - Throws: `FileFailure` with `path` in it.
  package static func write(_ bytes: [UInt8], to path: String, createFolders: Bool = false) throws {
    try write(bytes, to: path, createFolders: createFolders, calls: .system)
  }

  /// Writes text as UTF-8, in the same way.
  package static func write(text: String, to path: String, createFolders: Bool = false) throws {
    try write(Array(text.utf8), to: path, createFolders: createFolders)
  }

  /// Checks that `write(_:to:createFolders:)` will be able to create `path`, before work that takes long. Leaves
  /// nothing behind but the folders.
  package static func checkWritable(_ path: String, createFolders: Bool = false) throws(FileFailure) {
    let target = try resolve(path)
    let (folder, name) = split(target)
    // The temporary's name is cut. The final name is not, and another ending may be appended to it.
    guard name.utf8.count <= 240 else { throw FileFailure(path: path, action: .create, errno: ENAMETOOLONG) }
    if createFolders { try Folder.create(at: folder) }
    TemporaryName.removeLeftovers(in: folder)
    let (temporary, descriptor) = try openTemporary(in: folder, for: name, path: path, calls: .system)
    _ = FileSystemCalls.system.close(descriptor)
    _ = FileSystemCalls.system.unlink(temporary)
  }

  static func write(
    _ bytes: [UInt8], to path: String, createFolders: Bool, calls: FileSystemCalls
  ) throws {
    try write(to: path, createFolders: createFolders, calls: calls) { try $0(bytes) }
  }

  /// Replaces a file by one whose content comes in pieces, so that it need not fit in memory.
  ///
  /// - Parameter body: Calls `append` with the pieces in order; an error that it throws leaves the old file as it is.
  package static func write(
    to path: String, createFolders: Bool = false, _ body: (_ append: Append) throws -> Void
  ) throws {
    try write(to: path, createFolders: createFolders, calls: .system, body)
  }

  static func write(
    to path: String, createFolders: Bool, calls: FileSystemCalls, _ body: (_ append: Append) throws -> Void
  ) throws {
    let target = try resolve(path)
    let (folder, name) = split(target)
    if createFolders { try Folder.create(at: folder, calls: calls) }
    TemporaryName.removeLeftoversOnce(in: folder)
    let (temporary, descriptor) = try openTemporary(in: folder, for: name, path: path, calls: calls)
    do {
      try fill(descriptor, path: path, calls: calls, body)
      let code = calls.rename(temporary, target)
      guard code >= 0 else { throw FileFailure(path: path, action: .replace, errno: -code) }
    } catch {
      _ = calls.unlink(temporary)
      throw error
    }
    try Folder.synchronize(folder, path: path, calls: calls)
  }

  /// Writes bytes behind those before.
  package typealias Append = (_ bytes: [UInt8]) throws(FileFailure) -> Void

  /// Writes all pieces, waits until they are on the medium, and closes the descriptor in every case.
  private static func fill(
    _ descriptor: Int32, path: String, calls: FileSystemCalls, _ body: (_ append: Append) throws -> Void
  ) throws {
    do {
      try body { bytes throws(FileFailure) in
        let code = bytes.withUnsafeBytes { writeAll($0, to: descriptor, calls: calls) }
        guard code >= 0 else { throw FileFailure(path: path, action: .write, errno: -code) }
      }
    } catch {
      _ = calls.close(descriptor)
      throw error
    }
    var code = calls.synchronize(descriptor)
    // A network file system may report a full disk or quota only here.
    let closed = calls.close(descriptor)
    if code >= 0, closed != -EINTR { code = closed }
    guard code >= 0 else { throw FileFailure(path: path, action: .write, errno: -code) }
  }

  private static func writeAll(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, calls: FileSystemCalls
  ) -> Int32 {
    var written = 0
    while written < bytes.count {
      // One write(2) takes at most 2 GiB less a page on Linux and fails above 2 GiB on Darwin.
      let end = min(bytes.count, written + 1 << 30)
      let count = calls.write(descriptor, UnsafeRawBufferPointer(rebasing: bytes[written..<end]))
      if count == -Int(EINTR) { continue }
      if count < 0 { return Int32(clamping: count) }
      // No progress and no error would be an endless loop.
      if count == 0 { return -EIO }
      written += min(count, end - written)
    }
    return 0
  }

  /// Opens a ``TemporaryName`` with the first free number. O_EXCL makes it unique among threads. The mode is 0666 less the umask, as for
  /// any new file.
  private static func openTemporary(
    in folder: String, for name: String, path: String, calls: FileSystemCalls
  ) throws(FileFailure) -> (path: String, descriptor: Int32) {
    for counter in 0..<1000 {
      let temporary = "\(folder)/\(TemporaryName(of: name, counter))"
      let descriptor = calls.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 { return (temporary, descriptor) }
      guard descriptor == -EEXIST || descriptor == -EINTR else {
        throw FileFailure(path: path, action: .create, errno: -descriptor)
      }
    }
    throw FileFailure(path: path, action: .create, errno: EEXIST)
  }

  /// The file to replace: `path`, or the target of the link at `path`.
  private static func resolve(_ path: String) throws(FileFailure) -> String {
    guard !path.isEmpty else { throw FileFailure(path: path, action: .create, errno: ENOENT) }
    guard !path.utf8.contains(0) else { throw FileFailure(path: path, action: .create, errno: EINVAL) }
    guard path.utf8.last != UInt8(ascii: "/") else { throw FileFailure(path: path, action: .create, errno: EISDIR) }
    var status = stat()
    guard stat(path, &status) == 0 else {
      // Nothing is there, or a link to a missing file: the file is made at the link's target, and the link stays.
      guard let target = followingLinks(path) else { throw FileFailure(path: path, action: .create, errno: ELOOP) }
      return target
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw FileFailure(path: path, action: .create, errno: EISDIR)
    default:
      // Renaming onto /dev/null or /dev/stdout would replace the device by a file.
      throw FileFailure(
        path: path, action: .create, reason: "not a regular file but \(kindName(status.st_mode))", kind: .cannotCreate)
    }
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK, let resolved = realpath(path, nil)
    else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// The folder ("." if none is named) and the last component.
  private static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
    let folder = String(path[..<slash])
    return (folder.isEmpty ? "/" : folder, String(path[path.utf8.index(after: slash)...]))
  }
}
