#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A lock that one process at a time can take: a `flock` on a file made for it, with the holder's number inside.
///
/// The lock belongs to the open file. The system releases it when its holder ends, however it ends, so no lock is ever
/// stale, and two threads of one process exclude each other as two processes do.
///
/// The file stays, or is removed by its holder. Then a process may lock a file that has just been removed, while another one locks a new file of
/// that name: whoever has a lock therefore looks whether the name still means its file, and tries again if it does not.
package struct FileLock: ~Copyable, Sendable {
  private let descriptor: Int32
  /// The path if the file is removed at the end.
  private let removedPath: String?

  /// Opens the file and tries once to lock it.
  /// - Parameter isRemoved: Whether the file is removed when the lock is released; the same for all who take it.
  /// - Returns: The lock, or nil and the process that has it, if that is known.
  /// - Throws: `FileFailure` if the file cannot be created or locked.
  package static func take(_ path: String, isRemoved: Bool = false) throws(FileFailure) -> Attempt {
    while true {
      switch try tryToTake(path, isRemoved: isRemoved) {
      case .taken(let lock):
        if !isRemoved || lock.isFile(at: path) { return .taken(lock) }
      case .held(let holder): return .held(by: holder)
      }
    }
  }

  private static func tryToTake(_ path: String, isRemoved: Bool) throws(FileFailure) -> Attempt {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else { throw FileFailure(path: path, action: .create, errno: errno) }
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let code = errno
      if code == EINTR { continue }
      let holder = holder(descriptor)
      close(descriptor)
      guard code == EWOULDBLOCK else { throw FileFailure(path: path, action: .lock, errno: code) }
      return .held(by: holder)
    }
    // The number only informs others: the lock is the system's.
    _ = ftruncate(descriptor, 0)
    let text = Array("\(getpid())\n".utf8)
    _ = text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    return .taken(FileLock(descriptor: descriptor, removedPath: isRemoved ? path : nil))
  }

  package enum Attempt: ~Copyable {
    case taken(FileLock)
    /// By the process of this number; nil if it has not written its number yet.
    case held(by: Int32?)
  }

  /// Releases the lock, as does the end of the value's life.
  package consuming func release() {}

  deinit {
    if let removedPath, isFile(at: removedPath) { unlink(removedPath) }
    close(descriptor)
  }

  /// Whether a path still names the locked file.
  private func isFile(at path: String) -> Bool {
    var (own, named) = (stat(), stat())
    return fstat(descriptor, &own) == 0 && lstat(path, &named) == 0
      && (own.st_dev, own.st_ino) == (named.st_dev, named.st_ino)
  }

  private static func holder(_ descriptor: Int32) -> Int32? {
    var digits = [UInt8](repeating: 0, count: 20)
    let count = digits.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
    let text = String(decoding: digits.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    return Int32(text).flatMap { $0 > 0 ? $0 : nil }
  }
}
