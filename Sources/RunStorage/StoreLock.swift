import Files

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Lets one study at a time write to a store: two that run side by side would train the same trials twice.
///
/// A `flock` on a file beside the store, never on the store itself. It belongs to the open file: the system gives it up
/// when its holder ends, however it ends, so no lock is ever stale, and two threads of one process exclude each other
/// as two processes do. The file stays: removing it would let two processes lock two files of one name.
public struct StoreLock: ~Copyable, Sendable {
  private let descriptor: Int32

  /// Takes the lock or says at once who has it. Creates the folders of a store that is not there yet.
  /// - Parameter path: the store's file; a symbolic link is followed, so that two names of one store share its lock.
  /// - Throws: `GraftFailure` of kind `resumable` where another study has it, `FileFailure` where `PATH.lock` cannot
  ///   be created or locked.
  public init(store path: String) throws {
    let file = StoreFile(path: path)
    try file.checkWritable()
    let lockPath = file.resolved + ".lock"
    let descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else { throw FileFailure(path: lockPath, action: .create, errno: errno) }
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let code = errno
      if code == EINTR { continue }
      let holder = Self.holder(descriptor)
      close(descriptor)
      guard code == EWOULDBLOCK else { throw FileFailure(path: lockPath, action: .lock, errno: code) }
      throw GraftFailure(
        .resumable, "\(path): another study is writing to it\(holder); try again when it has ended")
    }
    // Only for the text above: the lock is the system's, not the number's.
    _ = ftruncate(descriptor, 0)
    let text = Array("\(getpid())\n".utf8)
    _ = text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    self.descriptor = descriptor
  }

  /// Gives the lock up; so does the end of the value's life.
  public consuming func release() {}

  deinit {
    close(descriptor)
  }

  /// ` (process 123)`, or nothing where the holder has not written its number yet.
  private static func holder(_ descriptor: Int32) -> String {
    var digits = [UInt8](repeating: 0, count: 20)
    let count = digits.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
    let text = String(decoding: digits.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    guard let number = Int32(text), number > 0 else { return "" }
    return " (process \(number))"
  }
}
