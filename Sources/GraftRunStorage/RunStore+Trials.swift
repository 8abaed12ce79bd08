import Foundation
import GRDB
import GraftFiles
import GraftStatistics
import GraftWorkbench

extension RunStore: GroupingTrialStore {
  /// Finds the records of any number of ids, all in one state of the file; unknown ids are left out.
  public func records(of ids: [String]) throws -> [String: TrialRecord] {
    try read { try records(of: ids, in: $0) }
  }

  func records(of ids: [String], in database: Database) throws -> [String: TrialRecord] {
    var records: [String: TrialRecord] = [:]
    var rest = ids[...]
    while !rest.isEmpty {
      // SQLite before 3.32 takes at most 999 values in one statement.
      let piece = rest.prefix(500)
      rest = rest.dropFirst(piece.count)
      let rows = try Row.fetchCursor(
        database, sql: "SELECT \(recordColumns) FROM trial WHERE id IN (\(questionMarks(piece.count)))",
        arguments: StatementArguments(piece))
      while let row = try rows.next() {
        let record = try TrialRow(row, path: path).record()
        records[record.id] = record
      }
    }
    return records
  }

  /// Saves a record, in place of an older one with the same id.
  public func save(_ record: TrialRecord) throws { try save([record]) }

  /// Saves records in one transaction, in place of older ones with the same ids: all or none.
  package func save(_ records: [TrialRecord]) throws {
    let names = TrialColumns.record
    try write { database in
      for columns in records.map(\.columns) {
        try database.execute(
          sql:
            "INSERT OR REPLACE INTO trial (\(names.joined(separator: ", "))) VALUES (\(questionMarks(names.count)))",
          arguments: StatementArguments(names.map { columns[$0] ?? .null }))
      }
    }
  }

  /// Saves a test set, unless one with the same digest is there.
  public func save(_ testSet: TestSet) throws {
    let classNames = JSON.array(testSet.classNames.map(JSON.string)).text()
    try write { database in
      try database.execute(
        sql: "INSERT INTO test_set (sha256, class_names, labels) VALUES (?, ?, ?) ON CONFLICT (sha256) DO NOTHING",
        arguments: [
          testSet.digest, classNames, ClassBytes.data(testSet.labels, isWide: testSet.classNames.count > 256),
        ])
    }
  }

  /// Finds the looks at each of `comparisons`; none in a store older than its table of looks.
  public func looks(at comparisons: [String]) throws -> [StudyLook] {
    guard hasLooks else { return [] }
    return try read { database in
      var looks: [StudyLook] = []
      for id in comparisons.firstOccurrences {
        let rows = try Row.fetchCursor(
          database, sql: "SELECT comparison, seeds, created FROM look WHERE comparison = ?", arguments: [id])
        while let row = try rows.next() {
          let stored = StoredRow(row: row, place: "\(path): look at \(id.prefix(12))")
          looks.append(
            StudyLook(
              comparison: try stored.text("comparison"), seeds: try stored.integer("seeds"),
              created: try stored.double("created")))
        }
      }
      return looks
    }
  }

  /// Saves looks; those already there keep their times.
  public func save(_ looks: [StudyLook]) throws {
    try write { database in
      for look in looks {
        try database.execute(
          sql:
            "INSERT INTO look (comparison, seeds, created) VALUES (?, ?, ?) ON CONFLICT (comparison, seeds) DO NOTHING",
          arguments: [look.comparison, look.seeds, look.created])
      }
    }
  }
}
