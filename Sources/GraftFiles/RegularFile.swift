#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A regular file opened for reading.
///
/// The check is made on the open descriptor, so that no other file can be put in its place between check and use. The
/// open itself does not wait for a writer if the name is a FIFO.
package struct RegularFile: ~Copyable {
  package let path: String
  /// Size in bytes when the file was opened.
  package let size: Int
  private let descriptor: Int32

  /// - Throws: `FileFailure` if `path` cannot be opened or is not a regular file.
  package init(opening path: String) throws(FileFailure) {
    let descriptor = FileSystemCalls.system.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0)
    guard descriptor >= 0 else {
      let failure = FileFailure(path: path, action: .read, errno: -descriptor)
      guard descriptor == -ENOENT, let name = Folder.nearestName(to: path) else { throw failure }
      throw FileFailure(
        path: path, action: .read, reason: "\(failure.reason); did you mean \(quoted(name))?", kind: failure.kind)
    }
    do throws(FileFailure) {
      self.size = try Self.size(of: descriptor, path: path)
    } catch {
      _ = FileSystemCalls.system.close(descriptor)
      throw error
    }
    self.path = path
    self.descriptor = descriptor
  }

  deinit {
    _ = FileSystemCalls.system.close(descriptor)
  }

  /// Reads the next bytes, at most `count` of them; empty at the end of the file.
  package func read(upTo count: Int) throws(FileFailure) -> [UInt8] {
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: max(0, count)) { buffer, filled in
      code = fill(UnsafeMutableRawBufferPointer(buffer), &filled)
    }
    guard code == 0 else { throw FileFailure(path: path, action: .read, errno: code) }
    return bytes
  }

  /// Maps the whole file for reading; nil if it is empty. The mapping outlives this value.
  func mapped() throws(FileFailure) -> UnsafeRawPointer? {
    if size == 0 { return nil }
    let memory = mmap(nil, size, PROT_READ, MAP_SHARED, descriptor, 0)
    guard memory != MAP_FAILED else { throw FileFailure(path: path, action: .read, errno: errno) }
    return memory.map { UnsafeRawPointer($0) }
  }

  /// Refuses a file that has grown or shrunk since it was opened: the bytes read may be half old and half new.
  package func checkUnchanged() throws(FileFailure) {
    let now = try Self.size(of: descriptor, path: path)
    guard now == size else {
      throw FileFailure(
        path: path, action: .read, reason: "the file changed while being read: from \(size) bytes to \(now)",
        kind: .inputOutput)
    }
  }

  /// Reads until the buffer is full or the file ends. Returns 0 or an `errno`.
  private func fill(_ buffer: UnsafeMutableRawBufferPointer, _ filled: inout Int) -> Int32 {
    while filled < buffer.count {
      // One read(2) moves at most 2 GiB less a page on Linux and fails above 2 GiB on Darwin.
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<min(buffer.count, filled + 1 << 30)])
      let count = readBytes(descriptor, rest.baseAddress, rest.count)
      if count == 0 { return 0 }
      if count < 0 {
        let code = errno
        if code == EINTR { continue }
        return code
      }
      filled += count
    }
    return 0
  }

  private static func size(of descriptor: Int32, path: String) throws(FileFailure) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileFailure(path: path, action: .read, errno: errno) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return Int(status.st_size)
    case S_IFDIR: throw FileFailure(path: path, action: .read, errno: EISDIR)
    default:
      throw FileFailure(
        path: path, action: .read, reason: "not a regular file but \(kindName(status.st_mode))", kind: .missingInput)
    }
  }
}

// Inside the type, `read` is its method; this name reaches the C function.
private func readBytes(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(descriptor, bytes, count)
}

/// The name of a file type from `stat`, as it reads in a sentence.
package func kindName(_ mode: mode_t) -> String {
  switch mode & S_IFMT {
  case S_IFREG: "a regular file"
  case S_IFDIR: "a folder"
  case S_IFIFO: "a FIFO"
  case S_IFCHR, S_IFBLK: "a device"
  case S_IFSOCK: "a socket"
  default: "a special file"
  }
}

/// Reads a whole regular file.
/// - Parameters:
///   - path: A file; a FIFO, device or folder is refused.
///   - limit: The most bytes that it may have, 4 GiB by default.
///   - check: Called with the first 512 bytes before the others are read; an error of it ends the reading.
/// - Throws: `FileFailure` if it cannot be read or changes meanwhile, `FormatError` if it is over the limit, and with the path
///   whatever `check` throws.
package func readFile(
  at path: String, limit: Int = 4 << 30, check: ((_ beginning: [UInt8]) throws(FormatError) -> Void)? = nil
) throws -> [UInt8] {
  let file = try RegularFile(opening: path)
  guard file.size <= limit else {
    throw FormatError.expected("at most \(limit) bytes", found: byteCount(file.size)).at(path: path)
  }
  // Files of /proc and /sys report size 0 and still have content: the extra read notices that, and growth too.
  var bytes: [UInt8] = []
  if let check {
    bytes = try file.read(upTo: min(file.size, 512))
    do throws(FormatError) { try check(bytes) } catch { throw error.at(path: path) }
  }
  bytes = bytes.isEmpty ? try file.read(upTo: file.size) : bytes + (try file.read(upTo: file.size - bytes.count))
  let more = try file.read(upTo: 1)
  guard bytes.count == file.size, more.isEmpty else {
    try file.checkUnchanged()
    throw FileFailure(
      path: path, action: .read, reason: "the file changed while being read, or is not stored on a disk",
      kind: .inputOutput)
  }
  try file.checkUnchanged()
  return bytes
}
