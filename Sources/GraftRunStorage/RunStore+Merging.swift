import Foundation
import GRDB
import GraftFiles
import GraftWorkbench

extension RunStore {
  /// What came from one store into another.
  package struct Merged: Sendable, Equatable {
    /// Trials that were not there.
    package var added: Int
    /// Trials that were there with the same outcome.
    package var known: Int

    package init(added: Int = 0, known: Int = 0) { (self.added, self.known) = (added, known) }
  }

  /// Adds the trials, test sets and looks of another store, all or nothing.
  ///
  /// A trial that both have must have ended alike, apart from what clocks say: its id is the hash of all that decides its outcome.
  ///
  /// - Throws: A failure of kind `badData` if the other store is of another version, or if a trial ended differently; this store is then as it was.
  package func merge(_ other: RunStore) throws -> Merged {
    let version = try other.schemaVersion()
    guard version == StoreSchema.version else {
      throw GraftFailure(
        .badData,
        "\(other.path): a store of version \(version), and this one is of version \(StoreSchema.version); open it for a study once, which brings it up to date"
      )
    }
    var merged = Merged()
    let (ids, testSets, looks) = try other.read { database in
      (
        try String.fetchAll(database, sql: "SELECT id FROM trial ORDER BY id"),
        try Row.fetchAll(database, sql: "SELECT sha256, class_names, labels FROM test_set"),
        try Row.fetchAll(database, sql: "SELECT comparison, seeds, created FROM look")
      )
    }
    let names = TrialColumns.record
    try write { database in
      for start in stride(from: 0, to: ids.count, by: 200) {
        let piece = Array(ids[start..<min(start + 200, ids.count)])
        let new = try other.records(of: piece)
        let own = try records(of: piece, in: database)
        for record in piece.compactMap({ new[$0] }) {
          if let known = own[record.id] {
            guard known.outcome.endedLike(record.outcome) else {
              throw GraftFailure(
                .badData,
                "\(other.path): trial \(record.id.prefix(12)) (\(record.trial.target), \(record.trial.method), seed \(record.trial.seed)) ended otherwise than in \(path): one of them is not what its id says"
              )
            }
            merged.known += 1
            continue
          }
          let columns = record.columns
          try database.execute(
            sql: "INSERT INTO trial (\(names.joined(separator: ", "))) VALUES (\(questionMarks(names.count)))",
            arguments: StatementArguments(names.map { columns[$0] ?? .null }))
          merged.added += 1
        }
      }
      for row in testSets {
        try database.execute(
          sql: "INSERT INTO test_set (sha256, class_names, labels) VALUES (?, ?, ?) ON CONFLICT (sha256) DO NOTHING",
          arguments: [row["sha256"], row["class_names"], row["labels"]])
      }
      for row in looks {
        try database.execute(
          sql:
            "INSERT INTO look (comparison, seeds, created) VALUES (?, ?, ?) ON CONFLICT (comparison, seeds) DO NOTHING",
          arguments: [row["comparison"], row["seeds"], row["created"]])
      }
    }
    return merged
  }

  private func schemaVersion() throws -> Int64 {
    try read { try Int64.fetchOne($0, sql: "PRAGMA user_version") ?? 0 }
  }
}
