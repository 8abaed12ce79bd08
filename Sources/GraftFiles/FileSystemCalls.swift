#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The system calls that change the disk, as values that tests replace: they fail the first call, then the second, and
/// so on, and look at the files that are left (the method of SQLite's I/O error tests).
///
/// Each returns the kernel's result: zero or more on success, the negated `errno` on failure. Reading the global
/// `errno` later would race with whatever the Swift runtime calls in between.
struct FileSystemCalls: Sendable {
  var open: @Sendable (_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32
  var write: @Sendable (_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int
  /// Waits until the bytes are on the medium.
  var synchronize: @Sendable (_ descriptor: Int32) -> Int32
  var close: @Sendable (_ descriptor: Int32) -> Int32
  var rename: @Sendable (_ from: String, _ to: String) -> Int32
  var unlink: @Sendable (_ path: String) -> Int32
  var makeFolder: @Sendable (_ path: String, _ mode: mode_t) -> Int32
}

extension FileSystemCalls {
  static let system = FileSystemCalls(
    open: { path, flags, mode in
      // A NUL inside would end the C string early and open a file other than the one named.
      guard !path.utf8.contains(0) else { return -EINVAL }
      return path.withCString { result(openFile($0, flags, mode)) }
    },
    write: { descriptor, bytes in
      let count = writeBytes(descriptor, bytes.baseAddress, bytes.count)
      return count < 0 ? -Int(errno) : count
    },
    synchronize: { descriptor in
      #if canImport(Darwin)
        // fsync on Darwin reaches the drive, not the medium (fsync(2)); not every file system has the stronger call.
        if fcntl(descriptor, F_FULLFSYNC) == 0 { return 0 }
      #endif
      return result(fsync(descriptor))
    },
    close: { result(closeFile($0)) },
    rename: { from, to in from.withCString { from in to.withCString { to in result(renameFile(from, to)) } } },
    unlink: { path in path.withCString { result(unlinkFile($0)) } },
    makeFolder: { path, mode in
      guard !path.utf8.contains(0) else { return -EINVAL }
      return path.withCString { result(mkdir($0, mode)) }
    }
  )

  private static func result(_ value: Int32) -> Int32 { value < 0 ? -errno : value }
}

// Inside the type, `open` is the property; these names reach the C functions on every platform.
private func openFile(_ path: UnsafePointer<CChar>, _ flags: Int32, _ mode: mode_t) -> Int32 { open(path, flags, mode) }
private func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
private func closeFile(_ descriptor: Int32) -> Int32 { close(descriptor) }
private func renameFile(_ from: UnsafePointer<CChar>, _ to: UnsafePointer<CChar>) -> Int32 { rename(from, to) }
private func unlinkFile(_ path: UnsafePointer<CChar>) -> Int32 { unlink(path) }
