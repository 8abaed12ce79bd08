import Foundation

/// A lock that lets one process at a time make a file or a folder of results: two would overwrite each other, and the
/// last would win.
///
/// The lock file is in the temporary folder while the lock is held, and is named after the output's path. Stores have a lock of their own
/// beside them, so that locking also works across machines.
package struct OutputLock: ~Copyable {
  private let lock: FileLock

  /// - Throws: ``GraftFailure`` of kind `resumable` if another process makes it.
  package init(_ path: String) throws {
    let name = SHA256Digest.hex(of: Array(resolvedPath(path).utf8)).prefix(32)
    let folder = FileManager.default.temporaryDirectory.path
    switch try FileLock.take("\(folder)/graft-\(getuid())-\(name).lock", isRemoved: true) {
    case .taken(let lock): self.lock = lock
    case .held(let number):
      let holder = number.map { " (process \($0))" } ?? ""
      throw GraftFailure(.resumable, "\(path): another graft is writing it\(holder); try again when it has ended")
    }
  }

  /// Releases the lock, as does the end of the process.
  package consuming func release() { lock.release() }
}
