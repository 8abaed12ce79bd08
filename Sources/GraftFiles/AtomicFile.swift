#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Replaces a file as one step: whoever reads it, and whatever interrupts the writer, finds the old content whole
/// or the new content whole.
///
/// Temporary file beside the target (rename is atomic within one file system only), all bytes, fsync, rename,
/// fsync of the folder. On an error before the rename the temporary is removed and the old file is untouched.
package enum AtomicFile {
  /// - Parameters:
  ///   - bytes: the new content.
  ///   - path: a regular file or a name not yet taken; a symbolic link is followed.
  ///   - createFolders: whether to create missing parent folders.
  /// - Throws: `FileFailure`, with `path` in it.
  package static func write(_ bytes: [UInt8], to path: String, createFolders: Bool = false) throws {
    try write(bytes, to: path, createFolders: createFolders, calls: .system)
  }

  /// The same with text, as UTF-8.
  package static func write(text: String, to path: String, createFolders: Bool = false) throws {
    try write(Array(text.utf8), to: path, createFolders: createFolders)
  }

  /// Finds out now whether ``write(_:to:createFolders:)`` will be able to create `path`, for work that takes long before it
  /// writes. Leaves nothing behind but the folders.
  package static func checkWritable(_ path: String, createFolders: Bool = false) throws(FileFailure) {
    let target = try resolve(path)
    let (folder, name) = split(target)
    // A temporary's name is cut; the final one is not, and some other ending may come behind it.
    guard name.utf8.count <= 240 else { throw FileFailure(path: path, action: .create, errno: ENAMETOOLONG) }
    if createFolders { try Folder.create(at: folder) }
    removeLeftovers(in: folder, of: name)
    let (temporary, descriptor) = try openTemporary(in: folder, for: name, path: path, calls: .system)
    _ = FileSystemCalls.system.close(descriptor)
    _ = FileSystemCalls.system.unlink(temporary)
  }

  static func write(
    _ bytes: [UInt8], to path: String, createFolders: Bool, calls: FileSystemCalls
  ) throws(FileFailure) {
    let target = try resolve(path)
    let (folder, name) = split(target)
    if createFolders { try Folder.create(at: folder, calls: calls) }
    let (temporary, descriptor) = try openTemporary(in: folder, for: name, path: path, calls: calls)
    do throws(FileFailure) {
      try fill(descriptor, with: bytes, path: path, calls: calls)
      let code = calls.rename(temporary, target)
      guard code >= 0 else { throw FileFailure(path: path, action: .replace, errno: -code) }
    } catch {
      _ = calls.unlink(temporary)
      throw error
    }
    try Folder.synchronize(folder, path: path, calls: calls)
  }

  /// Writes everything, waits for the medium and closes the descriptor, in every case.
  private static func fill(
    _ descriptor: Int32, with bytes: [UInt8], path: String, calls: FileSystemCalls
  ) throws(FileFailure) {
    var code = bytes.withUnsafeBytes { writeAll($0, to: descriptor, calls: calls) }
    if code >= 0 { code = calls.synchronize(descriptor) }
    // A full disk or quota on a network file system may show only here.
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

  /// Removes the temporaries that writers of the same file left when they were killed: of processes that are no more, and older than
  /// an hour, for a shared folder may be written from another machine.
  private static func removeLeftovers(in folder: String, of name: String) {
    let prefix = ".\(stem(of: name)).tmp-"
    for name in Folder.names(in: folder, where: { $0.hasPrefix(prefix) }) {
      let numbers = name.dropFirst(prefix.count).split(separator: "-").compactMap { Int32($0) }
      var status = stat()
      let path = "\(folder)/\(name)"
      guard numbers.count == 2, numbers[0] > 0, kill(numbers[0], 0) != 0, errno == ESRCH, lstat(path, &status) == 0,
        time(nil) - modified(status) > 3600
      else { continue }
      unlink(path)
    }
  }

  private static func modified(_ status: stat) -> Int {
    #if canImport(Darwin)
      status.st_mtimespec.tv_sec
    #else
      status.st_mtim.tv_sec
    #endif
  }

  /// File names are limited to 255 bytes: of a long name the beginning only.
  private static func stem(of name: String) -> String {
    var stem = name
    while stem.utf8.count > 200 { stem.unicodeScalars.removeLast() }
    return stem
  }

  /// Opens `.NAME.tmp-PID-N` with the first N that is free: unique among processes by the number of the process,
  /// among threads by O_EXCL. The mode is 0666 less the umask, as for any new file.
  private static func openTemporary(
    in folder: String, for name: String, path: String, calls: FileSystemCalls
  ) throws(FileFailure) -> (path: String, descriptor: Int32) {
    let stem = stem(of: name)
    for counter in 0..<1000 {
      let temporary = "\(folder)/.\(stem).tmp-\(getpid())-\(counter)"
      let descriptor = calls.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 { return (temporary, descriptor) }
      guard descriptor == -EEXIST || descriptor == -EINTR else {
        throw FileFailure(path: path, action: .create, errno: -descriptor)
      }
    }
    throw FileFailure(path: path, action: .create, errno: EEXIST)
  }

  /// The file to replace: `path`, or what it links to.
  private static func resolve(_ path: String) throws(FileFailure) -> String {
    guard !path.isEmpty else { throw FileFailure(path: path, action: .create, errno: ENOENT) }
    guard !path.utf8.contains(0) else { throw FileFailure(path: path, action: .create, errno: EINVAL) }
    guard path.utf8.last != UInt8(ascii: "/") else { throw FileFailure(path: path, action: .create, errno: EISDIR) }
    var status = stat()
    guard stat(path, &status) == 0 else {
      // Nothing is there, or a link to where nothing is yet: then the file is made there, and the link stays.
      guard let target = followingLinks(path) else { throw FileFailure(path: path, action: .create, errno: ELOOP) }
      return target
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw FileFailure(path: path, action: .create, errno: EISDIR)
    default:
      // Renaming onto /dev/null or /dev/stdout would put a file in place of the device.
      throw FileFailure(
        path: path, action: .create, reason: "not a regular file but \(kindName(status.st_mode))", kind: .cannotCreate)
    }
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK, let resolved = realpath(path, nil)
    else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// The folder ("." where none is named) and the last component.
  private static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
    let folder = String(path[..<slash])
    return (folder.isEmpty ? "/" : folder, String(path[path.utf8.index(after: slash)...]))
  }
}
