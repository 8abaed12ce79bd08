import GRDB
import GraftFiles

/// The translation of SQLite's errors into ours, in one place.
package enum StoreFailure {
  /// Runs `body`. An error of SQLite becomes a `GraftFailure` that starts with `path`; any other is passed on.
  package static func translating<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as DatabaseError {
      throw failure(error, path: path)
    }
  }

  private static func failure(_ error: DatabaseError, path: String) -> GraftFailure {
    let reason = error.message ?? "error \(error.extendedResultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL:
      return GraftFailure(.resumable, "\(path): locked by another program; try again later")
    case .SQLITE_NOTADB:
      return GraftFailure(.badData, "\(path): expected an SQLite database, found something else")
    case .SQLITE_CORRUPT, .SQLITE_FORMAT:
      return GraftFailure(.badData, "\(path): the database is damaged: \(reason)")
    case .SQLITE_FULL:
      return GraftFailure(.inputOutput, "\(path): cannot write: \(reason)")
    case .SQLITE_IOERR:
      return GraftFailure(.inputOutput, "\(path): a read or write failed: \(reason)")
    case .SQLITE_READONLY where error.extendedResultCode == .SQLITE_READONLY_ROLLBACK:
      return GraftFailure(
        .noPermission, "\(path): a write was interrupted, and undoing it needs permission to write the file")
    case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
      return GraftFailure(.noPermission, "\(path): cannot write: \(reason)")
    case .SQLITE_CANTOPEN:
      return GraftFailure(.cannotCreate, "\(path): cannot open it or create its journal: \(reason)")
    case .SQLITE_ERROR, .SQLITE_MISMATCH, .SQLITE_CONSTRAINT:
      // Our statements are right for our tables, so these are not our tables.
      return GraftFailure(.badData, "\(path): not the tables of a store of trials: \(reason)")
    default:
      return GraftFailure(.internalError, "\(path): SQLite says: \(reason)")
    }
  }
}
