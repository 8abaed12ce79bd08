import Foundation
import GRDB
import GraftFiles
import GraftRunStorage
import GraftStatistics
import GraftTraining
import GraftWorkbench
import NumericChecks
import Testing

@Suite("Merging stores")
struct MergeTests {
  private let folder = try! ScratchFolder()

  private func store(_ name: String, _ records: [TrialRecord], looks: [StudyLook] = []) throws -> RunStore {
    let store = try RunStore(path: "\(folder.path)/\(name)", access: .readWrite)
    for record in records { try store.save(record) }
    try store.save(looks)
    return store
  }

  private func changed(_ record: TrialRecord, loss: Double? = nil, seconds: Double? = nil) -> TrialRecord {
    let outcome = record.outcome
    return TrialRecord(
      trial: record.trial,
      outcome: TrialOutcome(
        answers: outcome.answers, correct: outcome.correct, loss: loss ?? outcome.loss, history: outcome.history,
        choices: outcome.choices, seconds: seconds ?? outcome.seconds, choosingSeconds: outcome.choosingSeconds,
        checkpointDigest: outcome.checkpointDigest, diagnosis: outcome.diagnosis),
      created: record.created, version: record.version, machine: record.machine)
  }

  @Test("the merged store is the store of everything")
  func everything() throws {
    let records = (0..<450).map { makeRecord($0) }
    let looks = [
      StudyLook(comparison: "abc", seeds: 3, created: 5), StudyLook(comparison: "abc", seeds: 4, created: 6),
    ]
    let all = try store("all", [])
    // The second and third overlap.
    let parts = [
      try store("one", Array(records[..<200]), looks: [looks[0]]), try store("two", Array(records[150..<420])),
      try store("three", Array(records[400...]), looks: looks),
    ]
    let merged = try parts.map { try all.merge($0) }
    #expect(merged.map(\.added) == [200, 220, 30] && merged.map(\.known) == [0, 50, 20])
    let found = try all.records(of: records.map(\.id))
    #expect(records.allSatisfy { found[$0.id] == $0 })
    #expect(try Set(all.looks(at: ["abc"]).map(\.seeds)) == [3, 4])
  }

  @Test("a trial that ended otherwise is refused, and nothing of its store is kept; seconds may differ")
  func conflict() throws {
    let records = (0..<3).map { makeRecord($0) }
    let all = try store("all", [records[1]])
    let other = try store("other", [records[0], changed(records[1], loss: 0.123), records[2]])
    let failure = #expect(throws: GraftFailure.self) { try all.merge(other) }
    #expect(failure?.kind == .badData && failure?.message.contains("ended otherwise") == true)
    #expect(try all.records(of: records.map(\.id)).count == 1)
    let slower = try store("slower", [changed(records[1], seconds: 99)])
    #expect(try all.merge(slower) == RunStore.Merged(added: 0, known: 1))
  }

  @Test("a diverged trial, whose loss is no number, is the same in both")
  func noNumber() throws {
    let record = changed(makeRecord(), loss: .nan)
    let (all, other) = (try store("all", [record]), try store("other", [record]))
    #expect(try all.merge(other) == RunStore.Merged(added: 0, known: 1))
  }

  @Test("a store of an older version is refused by its number")
  func olderVersion() throws {
    _ = try store("old", [makeRecord()])
    try withDatabase(at: "\(folder.path)/old", "PRAGMA user_version = 2")
    let failure = #expect(throws: GraftFailure.self) {
      try store("all", []).merge(RunStore(path: "\(folder.path)/old", access: .readOnly))
    }
    #expect(failure?.message.contains("version 2") == true)
  }
}
