import Foundation
import GRDB
import GraftData
import GraftFiles
import GraftRunStorage
import GraftStatistics
import GraftTraining
import GraftWorkbench
import NumericChecks
import Synchronization
import Testing

@Suite struct RunStoreTests {
  let folder = try! ScratchFolder()

  /// Saves with one store and reads with another, so that nothing can come out of a cache.
  func roundTrip(_ record: TrialRecord) throws -> TrialRecord? {
    let path = folder.file()
    try RunStore(path: path, access: .readWrite).save(record)
    return try RunStore(path: path, access: .readOnly).records(of: [record.id])[record.id]
  }

  @Test(arguments: [0, 1, UInt64(Int64.max), UInt64(Int64.max) + 1, .max])
  func seedsComeBack(seed: UInt64) throws {
    let record = makeRecord(seed: seed)
    #expect(try roundTrip(record) == record)
  }

  @Test(arguments: [Share.all, .fraction(0.1), .fraction(1), .perClass(1), .perClass(5000)])
  func sharesComeBack(share: Share) throws {
    let record = makeRecord(share: share)
    #expect(try roundTrip(record) == record)
  }

  @Test(arguments: Trial.Kind.allCases)
  func kindsComeBack(kind: Trial.Kind) throws {
    let record = makeRecord(kind: kind, source: nil)
    #expect(try roundTrip(record) == record)
  }

  /// `==` takes -0 for 0, so the bits are compared.
  @Test(arguments: [
    0, -0.0, 1, 0.1, 1e300, .leastNonzeroMagnitude, -.leastNormalMagnitude / 3, .greatestFiniteMagnitude, .infinity,
    -.infinity, 9_007_199_254_740_992,
  ])
  func doublesKeepTheirBits(value: Double) throws {
    let outcome = TrialOutcome(
      answers: [1], correct: 1, loss: value,
      history: [TrialOutcome.Point(epoch: 1, seconds: value, trainLoss: value, correct: 1)],
      choices: [TrialOutcome.Choice(setting: "rate 1", correct: 1, images: 1, loss: value, isChosen: true)],
      seconds: value, choosingSeconds: value, checkpointDigest: nil)
    let record = makeRecord(created: value, outcome: outcome)
    let stored = try #require(try roundTrip(record))
    #expect(stored == record)
    let numbers = [
      stored.created, stored.outcome.loss, stored.outcome.seconds, stored.outcome.choosingSeconds,
      stored.outcome.history[0].seconds, stored.outcome.history[0].trainLoss ?? .nan, stored.outcome.choices[0].loss,
    ]
    for number in numbers { #expect(number.bitPattern == value.bitPattern) }
  }

  @Test func notANumberComesBack() throws {
    let outcome = TrialOutcome(
      answers: [], correct: 0, loss: .nan,
      history: [TrialOutcome.Point(epoch: 1, seconds: 1, trainLoss: .nan, correct: 0)], choices: [], seconds: 1,
      choosingSeconds: 0, checkpointDigest: nil)
    let stored = try #require(try roundTrip(makeRecord(outcome: outcome)))
    #expect(stored.outcome.loss.isNaN)
    #expect(stored.outcome.history[0].trainLoss?.isNaN == true)
  }

  @Test func namesAndEmptyListsComeBack() throws {
    let outcome = TrialOutcome(
      answers: [], correct: 0, loss: 0, history: [], choices: [], seconds: 0, choosingSeconds: 0, checkpointDigest: nil)
    let record = makeRecord(
      source: "Ziffern 手書き:0-4", target: "e\u{301}'\"; DROP TABLE trial; --", method: "👩‍🔬\n\u{2028}", outcome: outcome)
    #expect(try roundTrip(record) == record)
  }

  @Test func aLongTrainingComesBack() throws {
    let outcome = TrialOutcome(
      answers: (0..<10_000).map { $0 % 251 }, correct: 9_000, loss: 0.3,
      history: (0...500).map { TrialOutcome.Point(epoch: $0, seconds: Double($0) / 7, trainLoss: 1, correct: $0) },
      choices: [], seconds: 1, choosingSeconds: 1, checkpointDigest: nil)
    let record = makeRecord(outcome: outcome)
    #expect(try roundTrip(record) == record)
  }

  @Test func theSameIDIsReplaced() throws {
    let store = try RunStore(path: folder.file(), access: .readWrite)
    let (old, new) = (makeRecord(), makeRecord(created: 2e9, outcome: makeOutcome(answers: [2], loss: 0.5)))
    try store.save(old)
    try store.save(new)
    #expect(try store.records(of: [old.id]) == [new.id: new])
    #expect(try store.count() == 1)
  }

  @Test func manyIDsAtOnce() throws {
    let store = try RunStore(path: folder.file(), access: .readWrite)
    let records = (0..<2_000).map { makeRecord($0) }
    // One transaction each would wait for the disk two thousand times; the rows are the same.
    try store.save(records[0])
    try copyARow(
      at: store.path,
      records.dropFirst().map { "id = '\($0.id)', identity = '\(JSON.object($0.trial.identity).text())'" })
    let found = try store.records(of: records.map(\.id) + ["no such id"])
    #expect(found.count == 2_000)
    #expect(records.allSatisfy { found[$0.id] == $0 })
    #expect(try store.records(of: []).isEmpty)
  }

  @Test func threadsSaveAtOnce() throws {
    let path = folder.file("new/folder/runs.sqlite")
    let problems = Mutex<[String]>([])
    // Eight threads create the file at once, each with a store of its own; then two share each store.
    DispatchQueue.concurrentPerform(iterations: 8) { thread in
      do {
        let store = try RunStore(path: path, access: .readWrite, busyTimeout: 30)
        DispatchQueue.concurrentPerform(iterations: 2) { half in
          for number in 0..<2 {
            do {
              try store.save(makeRecord(thread * 4 + half * 2 + number))
            } catch {
              problems.withLock { $0.append("\(error)") }
            }
          }
        }
      } catch {
        problems.withLock { $0.append("\(error)") }
      }
    }
    #expect(problems.withLock { $0 } == [])
    let store = try RunStore(path: path, access: .readOnly)
    #expect(try store.count() == 32)
    #expect(try store.integrityCheck() == "ok")
  }

  @Test func testSets() throws {
    let store = try RunStore(path: folder.file(), access: .readWrite)
    let digest = String(repeating: "12", count: 32)
    let set = TestSet(digest: digest, labels: [0, 1, 2, 2], classNames: ["null", "\u{0}", "zwei"])
    #expect(try store.testSet(digest) == nil)
    try store.save(set)
    try store.save(TestSet(digest: digest, labels: [], classNames: ["another"]))
    #expect(try store.testSet(digest) == set)
  }

  /// Files that `:memory:` and "" would not make.
  @Test func everyNameIsAFile() throws {
    let path = folder.file(":memory:")
    try RunStore(path: path, access: .readWrite).save(makeRecord())
    #expect(try folder.names() == [":memory:"])
    #expect(failure { try RunStore(path: "", access: .readWrite) }.kind == .cannotCreate)
    #expect(failure { try RunStore(path: "", access: .readOnly) }.kind == .missingInput)
  }

  @Test func theLogIsTurnedOff() throws {
    let path = folder.file()
    try RunStore(path: path, access: .readWrite).save(makeRecord())
    try withDatabase(at: path, "PRAGMA journal_mode = WAL")
    #expect(try RunStore(path: path, access: .readOnly).count() == 1)
    #expect(try RunStore(path: path, access: .readWrite).count() == 1)
    let queue = try DatabaseQueue(path: path)
    #expect(try queue.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "delete")
  }

  @Test func aReaderDoesNotWrite() throws {
    let path = folder.file()
    try RunStore(path: path, access: .readWrite).save(makeRecord())
    let digest = try SHA256Digest.hex(ofFileAt: path)
    let store = try RunStore(path: path, access: .readOnly)
    #expect(failure { try store.save(makeRecord(1)) }.text == "\(path): opened for reading only")
    #expect(try store.summaries().count == 1)
    #expect(try SHA256Digest.hex(ofFileAt: path) == digest)
    #expect(try folder.names() == ["runs.sqlite"])
  }
}
