#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The bytes of a regular file as memory.
///
/// The system reads a page when it is touched and takes it back when memory is short, so a file may be larger than the memory.
/// The bytes stay as they are if the file is removed or another one is renamed onto it. A file that is cut short meanwhile, or
/// a disk that fails, ends the process (SIGBUS): only files that Graft itself wrote are mapped.
package final class MappedFile: Sendable {
  private nonisolated(unsafe) let start: UnsafeRawPointer?
  /// Size in bytes.
  package let count: Int

  /// - Throws: `FileFailure` if `path` is no regular file that can be read, or if the system cannot map it.
  package init(_ path: String) throws(FileFailure) {
    let file = try RegularFile(opening: path)
    (start, count) = try (file.mapped(), file.size)
  }

  /// The file's bytes, valid as long as this object lives.
  package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

  deinit {
    if let start { munmap(UnsafeMutableRawPointer(mutating: start), count) }
  }
}
