import GraftFiles

/// A lock that lets one study at a time write to a store: two side by side would train the same trials twice.
///
/// It is taken on a file beside the store, never on the store itself, whose locks are SQLite's.
package struct StoreLock: ~Copyable, Sendable {
  private let lock: FileLock

  /// Takes the lock, or reports at once which process has it. Creates the folders of a store that does not exist yet.
  /// - Parameter path: The store's file; a symbolic link is followed, so that two names of one store share its lock.
  /// - Throws: `GraftFailure` of kind `resumable` if another study has it, `FileFailure` if `PATH.lock` cannot be
  ///   created or locked.
  package init(store path: String) throws {
    let file = StoreFile(path: path)
    try file.checkWritable()
    switch try FileLock.take(file.resolved + ".lock") {
    case .taken(let lock): self.lock = lock
    case .held(let number):
      let holder = number.map { " (process \($0))" } ?? ""
      throw GraftFailure(
        .resumable, "\(path): another study is writing to it\(holder); try again when it has ended")
    }
  }

  /// Releases the lock, as does the end of the value's life.
  package consuming func release() {}
}
