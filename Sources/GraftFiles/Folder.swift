#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Operations on folders.
package enum Folder {
  /// Creates a folder and its missing parents; an existing one is left as it is.
  /// - Throws: `FileFailure` naming the folder that could not be created.
  package static func create(at path: String) throws(FileFailure) {
    try create(at: path, calls: .system)
  }

  static func create(at path: String, calls: FileSystemCalls) throws(FileFailure) {
    // From the left: "/a/b/c" needs "/a", "/a/b", "/a/b/c". All exist in most cases, so the whole path is tried first.
    if isFolder(path) { return }
    var end = path.utf8.startIndex
    while end < path.utf8.endIndex {
      end = path.utf8[path.utf8.index(after: end)...].firstIndex(of: UInt8(ascii: "/")) ?? path.utf8.endIndex
      try createOne(String(path[..<end]), calls: calls)
    }
  }

  private static func createOne(_ path: String, calls: FileSystemCalls) throws(FileFailure) {
    if isFolder(path) { return }
    let code = calls.makeFolder(path, 0o777)
    // Another process may have been faster; a file of that name is an error.
    if code == -EEXIST, isFolder(path) { return }
    guard code >= 0 else {
      throw FileFailure(path: path, action: .createFolder, errno: code == -EEXIST ? ENOTDIR : -code)
    }
    try synchronize("\(path)/..", path: path, calls: calls)
  }

  /// Makes a rename or creation in `folder` survive a power cut.
  /// - Parameter path: The file that a failure is about.
  static func synchronize(_ folder: String, path: String, calls: FileSystemCalls) throws(FileFailure) {
    let descriptor = calls.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
    // A folder that may be written but not read cannot be synchronised; the file is complete all the same.
    if descriptor == -EACCES || descriptor == -EPERM { return }
    guard descriptor >= 0 else { throw FileFailure(path: path, action: .write, errno: -descriptor) }
    let code = calls.synchronize(descriptor)
    _ = calls.close(descriptor)
    // Some file systems do not offer this for folders and answer EINVAL or ENOTSUP.
    guard code >= 0 || code == -EINVAL || code == -ENOTSUP else {
      throw FileFailure(path: path, action: .write, errno: -code)
    }
  }

  /// The free bytes of the file system that a folder is on; nil if the system does not tell.
  package static func freeBytes(at path: String) -> Int? {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return nil }
    let (bytes, overflows) = Int(clamping: UInt64(status.f_bavail)).multipliedReportingOverflow(
      by: Int(status.f_frsize))
    return overflows ? nil : bytes
  }

  /// The name in the same folder that a mistyped path most likely meant; hidden files do not count.
  static func nearestName(to path: String) -> String? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard let name = parts.last, !name.isEmpty else { return nil }
    let folder = parts.dropLast().joined(separator: "/")
    // A file of exactly this name is a link to nowhere, or cannot be opened.
    let names = names(in: parts.count == 1 ? "." : folder.isEmpty ? "/" : folder, most: 10_000) {
      !$0.hasPrefix(".") && $0 != name
    }
    return nearest(to: String(name), among: names.sorted())
  }

  /// Names in a folder, in no order; empty if it cannot be read.
  static func names(in folder: String, most: Int = .max, where isWanted: (String) -> Bool) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while names.count < most, let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if isWanted(name) { names.append(name) }
    }
    return names
  }

  /// Names in a folder, without "." and "..", in no order.
  /// - Throws: `FileFailure` if the folder cannot be read, or if a name is no UTF-8, so that no text names the file.
  package static func names(of folder: String) throws(FileFailure) -> [String] {
    guard !folder.utf8.contains(0), let stream = opendir(folder) else {
      throw FileFailure(path: folder, action: .read, errno: folder.utf8.contains(0) ? EINVAL : errno)
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { name in
          (repaired: String(cString: name), exact: String(validatingCString: name))
        }
      }
      guard let exact = name.exact else {
        let kind = Int(entry.pointee.d_type) == Int(DT_DIR) ? "folder" : "file"
        throw FileFailure(
          path: "\(folder)/\(name.repaired)", action: .read, reason: "the name is not UTF-8: rename the \(kind)",
          kind: .badData)
      }
      if exact != "." && exact != ".." { names.append(exact) }
    }
    return names
  }

  private static func isFolder(_ path: String) -> Bool {
    guard !path.utf8.contains(0) else { return false }
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
