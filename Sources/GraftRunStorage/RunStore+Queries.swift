import GRDB
import GraftFiles
import GraftStatistics
import GraftWorkbench

extension RunStore {
  /// Lists the trials that pass `filter`, the newest first.
  package func summaries(_ filter: TrialFilter = TrialFilter()) throws -> [TrialSummary] {
    var (condition, arguments) = filter.condition
    if let limit = filter.limit {
      condition += " ORDER BY created DESC, id LIMIT ?"
      arguments += [max(0, limit)]
    } else {
      condition += " ORDER BY created DESC, id"
    }
    let columns = TrialColumns.summary.joined(separator: ", ")
    return try read { database in
      let rows = try Row.fetchCursor(
        database, sql: "SELECT \(columns) FROM trial \(condition)", arguments: arguments)
      var summaries: [TrialSummary] = []
      while let row = try rows.next() { summaries.append(try TrialRow(row, path: path).summary()) }
      return summaries
    }
  }

  /// Those of `ids` that the store has a trial of.
  func known(_ ids: [String]) throws -> Set<String> {
    try read { database in
      var known: Set<String> = []
      var rest = ids[...]
      while !rest.isEmpty {
        let piece = rest.prefix(500)
        rest = rest.dropFirst(piece.count)
        known.formUnion(
          try String.fetchAll(
            database, sql: "SELECT id FROM trial WHERE id IN (\(questionMarks(piece.count)))",
            arguments: StatementArguments(piece)))
      }
      return known
    }
  }

  /// Counts the trials that pass `filter`, its limit ignored.
  package func count(_ filter: TrialFilter = TrialFilter()) throws -> Int {
    let (condition, arguments) = filter.condition
    return try read { database in
      try Int.fetchOne(database, sql: "SELECT count(*) FROM trial \(condition)", arguments: arguments) ?? 0
    }
  }

  /// Finds the one trial whose id begins with `prefix`.
  /// - Parameter prefix: At least four hexadecimal digits, in either case.
  /// - Throws: `GraftFailure` of kind `usage` if no trial or several are meant.
  package func record(withIDPrefix prefix: String) throws -> TrialRecord {
    let prefix = try IDPrefix(prefix)
    let range = IDPrefix.range(of: prefix.digits)
    let bounds: StatementArguments = [range.lowerBound, range.upperBound]
    let columns = recordColumns
    return try read { database in
      let ids = try DatabaseValue.fetchAll(
        database, sql: "SELECT id FROM trial WHERE id >= ? AND id < ? ORDER BY id", arguments: bounds
      ).compactMap(String.fromDatabaseValue)
      guard ids.count <= 1 else {
        let names = ids.prefix(3).map(prefix.shortened).joined(separator: ", ")
        let more = ids.count > 3 ? " and \(ids.count - 3) more" : ""
        throw GraftFailure(
          .usage,
          "\(path): \(ids.count) trials have an id that starts with \(prefix.digits): \(names)\(more); give more digits"
        )
      }
      guard
        let id = ids.first,
        let row = try Row.fetchOne(database, sql: "SELECT \(columns) FROM trial WHERE id = ?", arguments: [id])
      else { throw GraftFailure(.missingInput, "\(path): no trial has an id that starts with \(prefix.digits)") }
      return try TrialRow(row, path: path).record()
    }
  }

  /// The test images on which a record's outcome was measured; nil if they were never saved.
  ///
  /// - Throws: If its answers are not classes of these images, or not one for each.
  package func testSet(of record: TrialRecord) throws -> TestSet? {
    guard let testSet = try testSet(record.trial.testDigest) else { return nil }
    let answers = record.outcome.answers
    guard answers.allSatisfy(testSet.classNames.indices.contains),
      answers.isEmpty || answers.count == testSet.labels.count
    else {
      throw GraftFailure(.badData, "\(path): trial \(record.id): its answers are not classes of its test images")
    }
    return testSet
  }

  /// The test images on which outcomes were measured; nil if they were never saved.
  package func testSet(_ digest: String) throws -> TestSet? {
    try read { database in
      guard
        let row = try Row.fetchOne(
          database, sql: "SELECT class_names, labels FROM test_set WHERE sha256 = ?", arguments: [digest])
      else { return nil }
      let stored = StoredRow(row: row, place: "\(path): test set \(digest)")
      let names = try stored.json("class_names").array ?? []
      let classNames = names.compactMap(\.string)
      guard classNames.count == names.count, !classNames.isEmpty else {
        throw stored.damage("column class_names: expected an array of names")
      }
      let labels = ClassBytes.classes(try stored.bytes("labels"), isWide: classNames.count > 256)
      guard labels.allSatisfy({ $0 < classNames.count }) else {
        throw stored.damage("a label without a class name")
      }
      return TestSet(digest: digest, labels: labels, classNames: classNames)
    }
  }

  /// The version of SQLite that this program runs with.
  package static func sqliteVersion() throws -> String {
    try DatabaseQueue().read { try String.fetchOne($0, sql: "SELECT sqlite_version()") } ?? "unknown"
  }

  /// Reads the whole file and compares tables with indices.
  /// - Returns: "ok", or the damage, on one line.
  /// - Throws: `GraftFailure` of kind `badData` if the damage leaves nothing to compare.
  package func integrityCheck() throws -> String {
    let findings = try read { try String.fetchAll($0, sql: "PRAGMA integrity_check") }
    return singleLine(findings.joined(separator: "; "))
  }
}
