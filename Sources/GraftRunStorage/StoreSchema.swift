import GRDB
import GraftFiles

/// The tables of a store, and the marks by which its file is recognised.
enum StoreSchema {
  /// "GRFT" in the header of the file, which `file(1)` and Graft read (sqlite.org/pragma.html#pragma_application_id).
  static let applicationID: Int64 = 0x4752_4654
  /// The version in `user_version`: the number of migrations.
  static let version: Int64 = 3

  // MARK: Opening

  /// Checks that a file can be read; returns its version, which may be an older one.
  static func check(_ queue: DatabaseQueue, path: String) throws -> Int64 {
    let found = try queue.read(State.init)
    try found.checkOurs(path)
    guard found.version >= 1 else {
      throw FormatError.expected("a store of version \(version)", found: "version \(found.version)").at(path: path)
    }
    return found.version
  }

  /// Checks that a file is ours or empty, and changes nothing.
  static func checkUsable(_ queue: DatabaseQueue, path: String) throws {
    let found = try queue.read(State.init)
    if !found.isEmpty { try found.checkOurs(path) }
  }

  /// Checks that a file is ours or empty, and creates or updates its tables. A foreign file is never written to.
  static func prepare(_ queue: DatabaseQueue, path: String) throws {
    var found = try queue.read(State.init)
    if found.isEmpty {
      // The id is written before the tables, so that a file left by a kill in between is known as ours.
      try queue.write { database in
        found = try State(database)
        if found.isEmpty { try database.execute(sql: "PRAGMA application_id = \(applicationID)") }
      }
      found = try queue.read(State.init)
    }
    try found.checkOurs(path)
    if !found.hasAllTables { try migrate(queue) }
    // No change if the mode is set already; some other tool may have turned the log on.
    try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
  }

  private static func migrate(_ queue: DatabaseQueue) throws {
    do {
      try migrator.migrate(queue)
    } catch {
      // Another program may have created the tables in the meantime: its work is as good as ours.
      guard try queue.read({ try migrator.hasCompletedMigrations($0) }) else { throw error }
    }
  }

  /// The state of a file, as read from the file itself.
  private struct State {
    let applicationID: Int64
    let version: Int64
    let isEmpty: Bool
    let hasAllTables: Bool
    let hasUnknownTables: Bool

    init(_ database: Database) throws {
      applicationID = try Int64.fetchOne(database, sql: "PRAGMA application_id") ?? 0
      version = try Int64.fetchOne(database, sql: "PRAGMA user_version") ?? 0
      let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
      isEmpty = applicationID == 0 && version == 0 && count == 0
      guard applicationID == StoreSchema.applicationID else {
        // The migrator would look for its own table in a foreign file.
        (hasAllTables, hasUnknownTables) = (false, false)
        return
      }
      hasAllTables = try migrator.hasCompletedMigrations(database)
      hasUnknownTables = try migrator.hasBeenSuperseded(database)
    }

    func checkOurs(_ path: String) throws {
      guard applicationID == StoreSchema.applicationID else {
        throw FormatError.expected(
          "a store of trials", found: isEmpty ? "an empty file" : "an SQLite database of another program"
        ).at(path: path)
      }
      guard version <= StoreSchema.version, !hasUnknownTables else {
        // A newer Graft that forgot to raise the number has at least one version more.
        let theirs = max(version, StoreSchema.version + 1)
        throw GraftFailure(
          .badData,
          "\(path): written by a newer Graft (store version \(theirs), this one reads \(StoreSchema.version))")
      }
    }
  }

  // MARK: Tables

  /// The migrations. A released one is never changed; the next one is added below it, and `version` raised.
  ///
  /// Columns of floating-point numbers have no declared type: in a REAL column SQLite keeps whole numbers as integers,
  /// and -0 comes back as 0. A seed is text because SQLite's integers end at 2^63 - 1. A trial does not refer to its
  /// test set as a foreign key: the two are saved in any order. The large columns come last, so that lists need not
  /// read over them.
  private static let migrator: DatabaseMigrator = {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1: trials and test sets") { database in
      try database.execute(
        sql: """
          CREATE TABLE test_set (
            sha256 TEXT NOT NULL PRIMARY KEY,
            class_names TEXT NOT NULL,
            labels BLOB NOT NULL
          );
          CREATE TABLE trial (
            id TEXT NOT NULL PRIMARY KEY,
            kind TEXT NOT NULL,
            source TEXT,
            target TEXT NOT NULL,
            method TEXT NOT NULL,
            labels_per_class INTEGER,
            fraction,
            seed TEXT NOT NULL,
            test_sha256 TEXT NOT NULL,
            correct INTEGER NOT NULL,
            images INTEGER NOT NULL,
            loss,
            seconds,
            choosing_seconds,
            checkpoint_sha256 TEXT,
            created,
            version TEXT NOT NULL,
            machine TEXT NOT NULL,
            identity TEXT NOT NULL,
            choices TEXT NOT NULL,
            history TEXT NOT NULL,
            answers BLOB NOT NULL
          );
          CREATE INDEX trial_by_created ON trial (created DESC, id);
          CREATE INDEX trial_by_task ON trial (target, source, method);
          PRAGMA user_version = 1;
          """)
    }
    migrator.registerMigration("2: diagnosis") { database in
      try database.execute(
        sql: """
          ALTER TABLE trial ADD COLUMN diagnosis TEXT;
          PRAGMA user_version = 2;
          """)
    }
    migrator.registerMigration("3: looks") { database in
      try database.execute(
        sql: """
          CREATE TABLE look (
            comparison TEXT NOT NULL,
            seeds INTEGER NOT NULL,
            created,
            PRIMARY KEY (comparison, seeds)
          );
          PRAGMA user_version = 3;
          """)
    }
    return migrator
  }()
}
