import Foundation
import GRDB
import GraftFiles
import GraftStatistics
import GraftWorkbench

/// A store of finished trials and the labels of their test images, in one SQLite file.
///
/// The file is written through a rollback journal, never a write-ahead log: SQLite before 3.51.3 has a bug when the log
/// is reset, and such versions are in use. Several threads may use one value, and several processes may open a store of
/// the same file: SQLite lets them take turns. `StoreLock` keeps two *studies* from doing the same work.
///
/// Every error is one line that starts with the path; SQLite's own errors are translated in one place, `StoreFailure`.
public final class RunStore: Sendable {
  /// The purpose for which a store is opened.
  public enum Access: Sendable {
    /// The file must exist. Nothing is written to it, except that the half-done write of a killed program is undone.
    case readOnly
    /// File and folders are created if they are missing, and a store of an older version is brought up to date.
    case readWrite
  }

  /// The path as it was given.
  package let path: String
  /// The version of the file's tables.
  package let version: Int
  /// Whether the store is also written to.
  package let access: Access
  private let queue: DatabaseQueue
  /// The columns that records are read from; a store opened read-only may be of an older version.
  let recordColumns: String
  /// Whether the file has the table of looks; an older store opened read-only may lack it.
  let hasLooks: Bool

  /// Opens a store and makes sure that it is one.
  /// - Parameters:
  ///   - path: The SQLite file.
  ///   - access: Whether trials will be saved.
  ///   - busyTimeout: Seconds to wait for another program that has locked the file.
  /// - Throws: `FileFailure` if the file system refuses: `missingInput` for a missing file that should be read,
  ///   `noPermission`, `cannotCreate`. Otherwise a failure of kind `badData` for a file that is no store, is damaged or
  ///   was written by a newer Graft, and `resumable` if another program has it locked.
  public init(path: String, access: Access, busyTimeout: Double = 5) throws {
    let file = StoreFile(path: path)
    switch access {
    case .readOnly: try file.checkReadable()
    case .readWrite: try file.checkWritable()
    }
    self.path = path
    self.access = access
    let found: Int64
    (queue, found) = try StoreFailure.translating(path) {
      let queue = try DatabaseQueue(path: file.unambiguousPath, configuration: Self.configuration(busyTimeout))
      switch access {
      case .readOnly: return (queue, try StoreSchema.check(queue, path: path))
      case .readWrite:
        try StoreSchema.prepare(queue, path: path)
        return (queue, StoreSchema.version)
      }
    }
    version = Int(found)
    hasLooks = version >= 3
    recordColumns = (version == 1 ? TrialColumns.recordOfVersion1 : TrialColumns.record).joined(separator: ", ")
  }

  /// Refuses a file that is no store, before a lock or a folder is made for it. A file that is not there yet can become one.
  /// - Throws: As ``init(path:access:busyTimeout:)``.
  package static func checkUsable(_ path: String) throws {
    let file = StoreFile(path: path)
    guard try file.isRegular(for: .create) else { return }
    try file.checkReadable()
    try StoreFailure.translating(path) {
      let queue = try DatabaseQueue(path: file.unambiguousPath, configuration: configuration(5))
      try StoreSchema.checkUsable(queue, path: path)
    }
  }

  /// The connection may write even if the store is only read: a program killed in the middle of a write leaves a
  /// journal, and the next reader has to put the file in order before it can read it. `read(_:)` keeps SQL from
  /// writing.
  private static func configuration(_ busyTimeout: Double) -> Configuration {
    var configuration = Configuration()
    configuration.busyMode = .timeout(busyTimeout)
    configuration.foreignKeysEnabled = true
    configuration.prepareDatabase { database in
      // FULL leaves a gap: the end of a transaction is the removal of the journal. Before the folder is synchronised
      // too, a power cut may bring the journal back, which undoes the transaction
      // (sqlite.org/pragma.html#pragma_synchronous).
      try database.execute(sql: "PRAGMA synchronous = EXTRA")
      // On Darwin an ordinary fsync reaches the drive, not the medium; elsewhere this does nothing.
      try database.execute(sql: "PRAGMA fullfsync = ON")
      // A file from elsewhere may be hostile: pages are checked, and functions in a schema may have no effects.
      try database.execute(sql: "PRAGMA cell_size_check = ON")
      try database.execute(sql: "PRAGMA trusted_schema = OFF")
    }
    return configuration
  }

  // MARK: Transactions

  /// Runs `body` on one state of the file, whatever others write meanwhile.
  func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
    try StoreFailure.translating(path) { try queue.read(body) }
  }

  /// Runs `body` as one transaction. When this returns, all of it is on the medium; when it throws, nothing was changed.
  func write(_ body: (Database) throws -> Void) throws {
    guard access == .readWrite else { throw GraftFailure(.internalError, "\(path): opened for reading only") }
    try StoreFailure.translating(path) { try queue.write(body) }
  }
}
