import Foundation
import GRDB
import GraftFiles
import GraftRunStorage
import GraftStatistics
import GraftTraining
import GraftWorkbench
import NumericChecks
import Synchronization
import Testing

@Suite("Diagnoses in the store, and stores of before there were any")
struct DiagnosisStorageTests {
  let folder = try! ScratchFolder()
  var path: String { folder.file() }

  private func record(_ diagnosis: Diagnosis, _ number: Int = 0, kind: Trial.Kind = .measurement) -> TrialRecord {
    let usual = makeOutcome()
    let outcome = TrialOutcome(
      answers: usual.answers, correct: usual.correct, loss: usual.loss, history: usual.history, choices: usual.choices,
      seconds: usual.seconds, choosingSeconds: usual.choosingSeconds, checkpointDigest: usual.checkpointDigest,
      diagnosis: diagnosis)
    return makeRecord(number, kind: kind, outcome: outcome)
  }

  private func reliability(_ totalLoss: Double) -> Reliability {
    let bins = (0..<Reliability.binCount).map { index in
      Reliability.Bin(images: index, confidence: Double(index) / 3, correct: index / 2)
    }
    return Reliability(bins: bins, totalLoss: totalLoss)
  }

  private func roundTrip(_ record: TrialRecord) throws -> TrialRecord? {
    try RunStore(path: path, access: .readWrite).save(record)
    return try RunStore(path: path, access: .readOnly).records(of: [record.id])[record.id]
  }

  @Test("every field comes back with its bits, absent ones absent, infinite losses infinite")
  func everyField() throws {
    let full = Diagnosis(
      sourceTask: Tally(correct: 3, images: 7),
      calibration: Calibration(
        before: reliability(.infinity), temperature: 0.1 + 0.2, after: reliability(1 / 3.0)),
      scores: TransferScores(values: [.leep: -1 / 3.0, .nce: 0, .logME: 1e300, .hScore: 4, .nearestMean: 0.5]),
      similarities: [
        LayerSimilarity(one: "source", other: "\"scratch\" 手", layer: 1, value: 1 / 3.0),
        LayerSimilarity(one: "source", other: "scratch", layer: 2, value: nil),
      ])
    var partial: [Diagnosis] = [full, .none, Diagnosis(scores: TransferScores(values: [:]))]
    partial.append(Diagnosis(sourceTask: Tally(correct: 0, images: 0)))
    partial.append(Diagnosis(calibration: full.calibration))
    partial.append(Diagnosis(scores: TransferScores(values: [.hScore: -0.0])))
    partial.append(Diagnosis(similarities: Array(full.similarities.suffix(1))))
    for (number, diagnosis) in partial.enumerated() {
      for kind in [Trial.Kind.measurement, .score, .similarity] {
        let record = record(diagnosis, number, kind: kind)
        #expect(try roundTrip(record) == record)
      }
    }
  }

  @Test("a temperature of a choice comes back, or its absence")
  func temperatures() throws {
    for temperature in [nil, 1, 0.1 + 0.2, 20] as [Double?] {
      let outcome = TrialOutcome(
        answers: [1], correct: 1, loss: 1, history: [],
        choices: [
          TrialOutcome.Choice(
            setting: "rate 1", correct: 1, images: 1, loss: 1, temperature: temperature, isChosen: true)
        ], seconds: 1, choosingSeconds: 1, checkpointDigest: nil)
      let record = makeRecord(outcome: outcome)
      #expect(try roundTrip(record) == record)
    }
  }

  @Test(
    "a diagnosis that was changed is one error",
    arguments: [
      ("'{'", "byte 1: expected a key in quotation marks, found the end of the JSON text"), ("5", nil), ("'[]'", nil),
      ("'{\"source_task\":{\"correct\":3,\"images\":2}}'", nil),
      ("'{\"source_task\":{\"correct\":-1,\"images\":2}}'", nil),
      ("'{\"source_task\":null}'", nil), ("'{\"calibration\":{}}'", nil),
      ("'{\"calibration\":{\"before\":{\"bins\":[],\"total_loss\":0},\"temperature\":1,\"after\":{}}}'", nil),
      ("'{\"scores\":[]}'", nil), ("'{\"scores\":{\"leep\":\"many\"}}'", nil), ("'{\"scores\":{\"leep\":null}}'", nil),
      ("'{\"scores\":{\"leep\":\"inf\"}}'", nil), ("'{\"scores\":{\"logme\":\"nan\"}}'", nil),
      ("'{\"similarities\":{}}'", nil), ("'{\"similarities\":[{}]}'", nil),
      ("'{\"similarities\":[{\"one\":\"a\",\"other\":\"b\",\"layer\":1}]}'", nil),
      ("'{\"similarities\":[{\"one\":\"a\",\"other\":\"b\",\"layer\":1,\"cka\":\"nan\"}]}'", nil),
      ("'{\"similarities\":[{\"one\":\"a\",\"other\":\"b\",\"layer\":1,\"cka\":1.5}]}'", nil),
      ("'{\"similarities\":[{\"one\":\"a\",\"other\":\"b\",\"layer\":\"1\",\"cka\":1}]}'", nil),
    ] as [(String, String?)])
  func damaged(value: String, problem: String?) throws {
    let record = record(Diagnosis(sourceTask: Tally(correct: 1, images: 2)))
    try RunStore(path: path, access: .readWrite).save(record)
    try withDatabase(at: path, "UPDATE trial SET diagnosis = \(value)")
    let store = try RunStore(path: path, access: .readOnly)
    let found = failure { try store.records(of: [record.id]) }
    #expect(found.kind == .badData)
    let text = problem ?? (value == "5" ? nil : "something is missing or of another type")
    #expect(found.text.hasPrefix("\(path): trial \(record.id): column diagnosis: "))
    if let text { #expect(found.text.hasSuffix(": column diagnosis: \(text)")) }
    #expect(!found.text.contains("\n"))
    // Lists do not read it.
    #expect(try store.summaries().map(\.id) == [record.id])
    #expect(failure { try store.record(withIDPrefix: String(record.id.prefix(8))) }.text == found.text)
  }

  @Test(
    "bins that are too few, or hold more right answers than images",
    arguments: ["[0,0.0,0]", "[0,0.0,1]", "[1,0.5]", "[1,\"x\",0]", "[-1,0.5,0]", "{}"])
  func damagedBins(bin: String) throws {
    let record = record(
      Diagnosis(calibration: Calibration(before: reliability(1), temperature: 2, after: reliability(2))))
    try RunStore(path: path, access: .readWrite).save(record)
    // The first bin has nothing.
    let whole = bin == "[0,0.0,0]" ? "[0,0.0,0],[1," : "[0,0.0,0]"
    let other = bin == "[0,0.0,0]" ? "[1," : bin
    try withDatabase(at: path, "UPDATE trial SET diagnosis = replace(diagnosis, '\(whole)', '\(other)')")
    let found = failure { try RunStore(path: path, access: .readOnly).records(of: [record.id]) }
    #expect(found.kind == .badData)
    #expect(
      found.text == "\(path): trial \(record.id): column diagnosis: something is missing or of another type")
  }

  @Test("a temperature that nothing can be divided by", arguments: ["0", "-1.5", "\"nan\"", "\"inf\"", "\"2\""])
  func damagedTemperature(value: String) throws {
    let parts = reliability(1)
    let choices = [
      TrialOutcome.Choice(setting: "rate 1", correct: 1, images: 1, loss: 1, temperature: 2.5, isChosen: true)
    ]
    let outcome = TrialOutcome(
      answers: [1], correct: 1, loss: 1, history: [], choices: choices, seconds: 1, choosingSeconds: 1,
      checkpointDigest: nil,
      diagnosis: Diagnosis(calibration: Calibration(before: parts, temperature: 2.5, after: parts)))
    let record = makeRecord(outcome: outcome)
    for (column, problem) in [
      ("diagnosis", "something is missing or of another type"), ("choices", "element 0 lacks something"),
    ] {
      #expect(try roundTrip(record) == record)
      try withDatabase(
        at: path, "UPDATE trial SET \(column) = replace(\(column), '\"temperature\":2.5', '\"temperature\":\(value)')")
      let found = failure { try RunStore(path: path, access: .readOnly).records(of: [record.id]) }
      #expect(found.kind == .badData && found.text == "\(path): trial \(record.id): column \(column): \(problem)")
    }
  }

  // MARK: Stores of version 1

  /// As the first version of the tables created it, with the rows of `records`; they have no diagnosis, and no choice of theirs
  /// a temperature.
  private func makeVersion1(_ records: [TrialRecord]) throws {
    let newer = folder.file("newer.sqlite")
    let store = try RunStore(path: newer, access: .readWrite)
    for record in records { try store.save(record) }
    let columns =
      "id, kind, source, target, method, labels_per_class, fraction, seed, test_sha256, correct, images, loss, seconds, "
      + "choosing_seconds, checkpoint_sha256, created, version, machine, identity, choices, history, answers"
    try withDatabase(
      at: path, "PRAGMA application_id = \(0x4752_4654)",
      "CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)",
      "INSERT INTO grdb_migrations VALUES ('1: trials and test sets')",
      """
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
      """,
      "ATTACH '\(newer)' AS newer",
      "INSERT INTO trial SELECT \(columns) FROM newer.trial",
      "UPDATE trial SET choices = replace(choices, '\"temperature\":null,', '')")
  }

  private func fetch<Value: DatabaseValueConvertible>(_ type: Value.Type, _ sql: String) throws -> [Value] {
    let queue = try DatabaseQueue(path: path)
    defer { try? queue.close() }
    return try queue.read { try Value.fetchAll($0, sql: sql) }
  }

  private func columnCount() throws -> Int { try fetch(Int.self, "SELECT count(*) FROM pragma_table_info('trial')")[0] }

  private let old = (0..<3).map { makeRecord($0, created: 100 - Double($0)) }

  @Test("a reader lists and reads a store of version 1, every diagnosis being none, and changes nothing")
  func readVersion1() throws {
    try makeVersion1(old)
    #expect(try fetch(String.self, "SELECT choices FROM trial").allSatisfy { !$0.contains("temperature") })
    let digest = try SHA256Digest.hex(ofFileAt: path)
    let store = try RunStore(path: path, access: .readOnly)
    #expect(try store.count() == 3 && store.summaries().map(\.id) == old.map(\.id))
    let records = try store.records(of: old.map(\.id))
    for record in old {
      #expect(records[record.id] == record && records[record.id]?.outcome.diagnosis == Diagnosis.none)
      #expect(try store.record(withIDPrefix: String(record.id.prefix(16))) == record)
    }
    #expect(failure { try store.save(old[0]) }.text == "\(path): opened for reading only")
    #expect(try SHA256Digest.hex(ofFileAt: path) == digest && columnCount() == 22)
  }

  @Test("a writer brings it to version 3, with all its rows")
  func migrate() throws {
    try makeVersion1(old)
    let store = try RunStore(path: path, access: .readWrite)
    #expect(try fetch(Int.self, "PRAGMA user_version") == [3] && columnCount() == 23)
    #expect(
      try fetch(String.self, "SELECT identifier FROM grdb_migrations ORDER BY 1") == [
        "1: trials and test sets", "2: diagnosis", "3: looks",
      ])
    #expect(try store.records(of: old.map(\.id)).values.sorted { $0.created > $1.created } == old)
    let new = record(Diagnosis(sourceTask: Tally(correct: 1, images: 2)), 9)
    try store.save(new)
    let replaced = record(Diagnosis(scores: TransferScores(values: [.leep: -1])))
    try store.save(replaced)
    for access in [RunStore.Access.readOnly, .readWrite] {
      let again = try RunStore(path: path, access: access)
      let found = try again.records(of: (old + [new]).map(\.id))
      #expect(found[new.id] == new && found[replaced.id] == replaced && found[old[1].id] == old[1])
      #expect(try again.count() == 4 && again.integrityCheck() == "ok")
    }
    #expect(replaced.id == old[0].id)
  }

  @Test("a reader that was open before goes on reading a store that a writer brought to version 3")
  func migratedUnderAReader() throws {
    try makeVersion1(old)
    let reader = try RunStore(path: path, access: .readOnly)
    #expect(try reader.count() == 3)
    let writer = try RunStore(path: path, access: .readWrite)
    try writer.save(makeRecord(9))
    #expect(try reader.records(of: [old[0].id, makeRecord(9).id]).count == 2)
  }

  @Test("several writers that bring it to version 3 at once")
  func migratedAtOnce() throws {
    try makeVersion1(old)
    let path = path
    let problems = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 6) { number in
      do {
        let store = try RunStore(path: path, access: .readWrite, busyTimeout: 30)
        try store.save(makeRecord(10 + number))
      } catch {
        problems.withLock { $0.append("\(error)") }
      }
    }
    #expect(problems.withLock { $0 } == [])
    let store = try RunStore(path: path, access: .readOnly)
    #expect(try store.count() == 9 && store.records(of: old.map(\.id)).count == 3 && store.integrityCheck() == "ok")
  }

  @Test("a store made today is refused by nothing")
  func today() throws {
    try RunStore(path: path, access: .readWrite).save(old[0])
    #expect(try fetch(Int.self, "PRAGMA user_version") == [3] && columnCount() == 23)
    for access in [RunStore.Access.readOnly, .readWrite, .readOnly] {
      #expect(try RunStore(path: path, access: access).records(of: [old[0].id]) == [old[0].id: old[0]])
    }
  }

  @Test("a store that says version 2 and lacks the column is one error")
  func lyingVersion() throws {
    try makeVersion1(old)
    try withDatabase(
      at: path, "PRAGMA user_version = 3", "INSERT INTO grdb_migrations VALUES ('3: looks')",
      "INSERT INTO grdb_migrations VALUES ('2: diagnosis')")
    let found = failure { try RunStore(path: path, access: .readOnly).records(of: [old[0].id]) }
    #expect(found.kind == .badData)
    #expect(found.text == "\(path): not the tables of a store of trials: no such column: diagnosis")
  }
}
