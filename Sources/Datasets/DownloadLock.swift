import Files
import Foundation

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Lets one process at a time download into a folder.
///
/// A `flock` on an open file belongs to that open file: the system gives it up when its holder ends, however it ends, so
/// no lock is ever stale, and two threads of one process exclude each other as two processes do. The file itself stays:
/// removing it would let two processes lock two files of one name.
struct DownloadLock: ~Copyable {
  private let descriptor: Int32

  /// Waits for the lock.
  /// - Throws: `FileFailure` (kind `resumable`) where another process holds it longer than `timeout`.
  init(folder: String, timeout: Duration, onWaiting: ((String) -> Void)?) throws(FileFailure) {
    let path = join(folder, ".lock")
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else { throw FileFailure(path: path, action: .create, errno: errno) }
    let clock = ContinuousClock()
    let end = clock.now.advanced(by: timeout)
    var hasTold = false
    while true {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { break }
      let code = errno
      if code == EINTR { continue }
      guard code == EWOULDBLOCK else {
        close(descriptor)
        throw FileFailure(path: path, action: .lock, errno: code)
      }
      if clock.now >= end {
        let holder = Self.holder(descriptor)
        close(descriptor)
        throw FileFailure(
          path: path, action: .lock, reason: "\(holder) is downloading into this folder", kind: .resumable)
      }
      if !hasTold {
        onWaiting?("waiting for \(Self.holder(descriptor)), which is downloading into \(folder)")
        hasTold = true
      }
      Thread.sleep(forTimeInterval: 0.05)
    }
    // Only for the texts above: the lock is the system's, not the number's.
    _ = ftruncate(descriptor, 0)
    let text = Array("\(getpid())\n".utf8)
    _ = text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    self.descriptor = descriptor
  }

  /// Gives the lock up; so does the end of the value's life.
  consuming func release() {}

  deinit {
    close(descriptor)
  }

  private static func holder(_ descriptor: Int32) -> String {
    var digits = [UInt8](repeating: 0, count: 20)
    let count = digits.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
    let text = String(decoding: digits.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    guard let number = Int32(text), number > 0 else { return "another process" }
    return "process \(number)"
  }
}
