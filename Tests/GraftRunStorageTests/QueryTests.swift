import GraftData
import GraftFiles
import GraftRunStorage
import GraftStatistics
import GraftWorkbench
import NumericChecks
import Testing

@Suite struct QueryTests {
  let folder: ScratchFolder
  let store: RunStore
  let records: [TrialRecord]

  init() throws {
    folder = try ScratchFolder()
    store = try RunStore(path: folder.file(), access: .readWrite)
    records = [
      makeRecord(
        0, kind: .source, source: nil, target: "mnist:even", method: "quick", share: .all, seed: 1, created: 10),
      makeRecord(1, kind: .rehearsal, method: "scratch", share: .fraction(0.1), seed: 2, created: 30),
      makeRecord(2, method: "scratch", share: .perClass(10), seed: .max, created: 20),
      makeRecord(3, source: "synthetic:odd", share: .perClass(1), seed: 2, created: 40),
    ]
    for record in records { try store.save(record) }
  }

  func numbers(_ change: (inout TrialFilter) -> Void) throws -> [Int] {
    var filter = TrialFilter()
    change(&filter)
    let ids = try store.summaries(filter).map(\.id)
    if filter.limit == nil { #expect(try store.count(filter) == ids.count) }
    return ids.map { id in records.firstIndex { $0.id == id }! }
  }

  @Test func filters() throws {
    #expect(try numbers { _ in } == [3, 1, 2, 0])
    #expect(try numbers { $0.kinds = [.source, .measurement] } == [3, 2, 0])
    #expect(try numbers { $0.source = .nothing } == [0])
    #expect(try numbers { $0.source = .named("mnist:even") } == [1, 2])
    #expect(try numbers { $0.target = "mnist:odd" } == [3, 1, 2])
    #expect(try numbers { $0.method = "scratch" } == [1, 2])
    #expect(try numbers { $0.share = .all } == [0])
    #expect(try numbers { $0.share = .fraction(0.1) } == [1])
    #expect(try numbers { $0.share = .perClass(10) } == [2])
    #expect(try numbers { $0.seed = 2 } == [3, 1])
    #expect(try numbers { $0.seed = .max } == [2])
    #expect(try numbers { $0.limit = 2 } == [3, 1])
    #expect(try numbers { $0.limit = 0 } == [])
    #expect(try numbers { $0.idPrefix = String(records[2].id.prefix(10)).uppercased() } == [2])
    #expect(try numbers { $0.idPrefix = "%" } == [])
    #expect(
      try numbers {
        $0.kinds = [.measurement]
        $0.method = "scratch"
        $0.seed = .max
        $0.limit = 5
      } == [2])
  }

  @Test func summariesSayWhatTheRecordsSay() throws {
    let summary = try #require(try store.summaries().first)
    let record = records[3]
    #expect(summary.trial == record.trial)
    #expect(summary.correct == record.outcome.correct)
    #expect(summary.images == record.outcome.images)
    #expect(summary.accuracy == record.outcome.accuracy)
    #expect(summary.loss == record.outcome.loss)
    #expect(summary.seconds == record.outcome.seconds)
    #expect(summary.choosingSeconds == record.outcome.choosingSeconds)
    #expect(summary.checkpointDigest == record.outcome.checkpointDigest)
    #expect(summary.created == record.created)
    #expect(summary.version == record.version)
    #expect(summary.machine == record.machine)
  }

  @Test func prefixes() throws {
    let record = records[1]
    for length in [12, 63, 64] {
      #expect(try store.record(withIDPrefix: String(record.id.prefix(length))) == record)
      #expect(try store.record(withIDPrefix: record.id.prefix(length).uppercased()) == record)
    }
    for text in ["", "abc", "12g4", "abcd ", "é123", String(repeating: "a", count: 65)] {
      let (kind, message) = failure { try store.record(withIDPrefix: text) }
      #expect(kind == .usage)
      #expect(message.hasPrefix("expected at least 4 hexadecimal digits of a trial's id, found \""))
    }
    let unknown = String(repeating: "0", count: 64)
    let (kind, message) = failure { try store.record(withIDPrefix: unknown) }
    #expect(kind == .missingInput)
    #expect(message == "\(store.path): no trial has an id that starts with \(unknown)")
  }

  /// Ids are hashes, so rows with like ids are made by hand; the choice is made before they are read.
  @Test(arguments: [2, 3, 5]) func severalMatches(count: Int) throws {
    let ids = (0..<count).map { "abcdef\($0)" + String(repeating: "0", count: 57) }
    try copyARow(at: store.path, ids.map { "id = '\($0)'" })
    let (kind, message) = failure { try store.record(withIDPrefix: "abcdef") }
    let more = count > 3 ? " and \(count - 3) more" : ""
    let names = ids.prefix(3).map { $0.prefix(12) }.joined(separator: ", ") + more
    #expect(kind == .usage)
    #expect(message == "\(store.path): \(count) trials have an id that starts with abcdef: \(names); give more digits")
    #expect(failure { try store.record(withIDPrefix: "abcdef0") }.kind == .badData)
  }
}
