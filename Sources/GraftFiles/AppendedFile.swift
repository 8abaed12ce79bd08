#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A file that grows record by record, such as a log.
///
/// A crash can cut the last record off. Whoever opens the file again says how much of it is whole, and the rest is cut away.
package final class AppendedFile {
  package let path: String
  /// Whether nothing of an earlier content was kept.
  package let isEmpty: Bool
  /// Negative once the file is closed.
  private var descriptor: Int32

  /// Opens the file, or creates it, with its missing folders.
  ///
  /// - Parameter keeping: The number of bytes to keep of the content that is there.
  /// - Throws: `FileFailure` if the file cannot be read or written.
  package init(at path: String, keeping: (_ content: [UInt8]) -> Int) throws {
    self.path = path
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    if !folder.isEmpty { try Folder.create(at: folder) }
    let content = access(path, F_OK) == 0 ? try readFile(at: path) : []
    let code = FileSystemCalls.system.open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
    guard code >= 0 else { throw FileFailure(path: path, action: .create, errno: -code) }
    descriptor = code
    let kept = keeping(content)
    isEmpty = kept == 0
    precondition((0...content.count).contains(kept))
    guard ftruncate(descriptor, off_t(kept)) == 0, lseek(descriptor, 0, SEEK_END) >= 0 else {
      throw FileFailure(path: path, action: .write, errno: errno)
    }
  }

  /// Waits until everything is on the medium, with the file's name.
  ///
  /// - Throws: `FileFailure`, such as for a full disk.
  package func synchronize() throws {
    let code = FileSystemCalls.system.synchronize(descriptor)
    guard code >= 0 else { throw FileFailure(path: path, action: .write, errno: -code) }
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    try Folder.synchronize(folder.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : folder, path: path, calls: .system)
  }

  deinit {
    if descriptor >= 0 { _ = FileSystemCalls.system.close(descriptor) }
  }

  /// Writes bytes at the end; before ``synchronize()`` or ``finish()`` they survive the end of the process, not a power cut.
  ///
  /// - Throws: `FileFailure`, such as for a full disk.
  package func append(_ bytes: [UInt8]) throws {
    let code = bytes.withUnsafeBytes { buffer -> Int in
      var written = 0
      while written < buffer.count {
        let count = FileSystemCalls.system.write(descriptor, UnsafeRawBufferPointer(rebasing: buffer[written...]))
        if count == -Int(EINTR) { continue }
        if count <= 0 { return count == 0 ? -Int(EIO) : count }
        written += count
      }
      return 0
    }
    guard code >= 0 else { throw FileFailure(path: path, action: .write, errno: Int32(-code)) }
  }

  /// Waits until all bytes are on the medium, and closes the file: nothing can be appended afterwards.
  ///
  /// - Throws: `FileFailure`; a network file system may report a full disk or quota only here.
  package func finish() throws {
    guard descriptor >= 0 else { return }
    let synchronized = Result { try synchronize() }
    let closed = FileSystemCalls.system.close(descriptor)
    descriptor = -1
    try synchronized.get()
    guard closed >= 0 || closed == -EINTR else { throw FileFailure(path: path, action: .write, errno: -closed) }
  }
}
