import Foundation
import GraftFiles

/// A lock that lets one process at a time download into a folder, and waits for its turn.
struct DownloadLock: ~Copyable {
  private let lock: FileLock

  /// Waits for the lock.
  /// - Throws: `FileFailure` (kind `resumable`) if another process has it longer than `timeout`.
  init(folder: String, timeout: Duration, onWaiting: ((String) -> Void)?) throws(FileFailure) {
    let path = join(folder, ".lock")
    let clock = ContinuousClock()
    let end = clock.now.advanced(by: timeout)
    var hasTold = false
    while true {
      switch try FileLock.take(path) {
      case .taken(let lock):
        self.lock = lock
        return
      case .held(let number):
        let holder = number.map { "process \($0)" } ?? "another process"
        if clock.now >= end {
          throw FileFailure(
            path: path, action: .lock, reason: "\(holder) is downloading into this folder", kind: .resumable)
        }
        if !hasTold {
          onWaiting?("waiting for \(holder), which is downloading into \(folder)")
          hasTold = true
        }
        Thread.sleep(forTimeInterval: 0.05)
      }
    }
  }

  /// Releases the lock, as does the end of the value's life.
  consuming func release() {}
}
