import Foundation
import GraftData
import GraftFiles
import GraftNetworks
import GraftRanks
import GraftTraining
import GraftWorkbench
import Synchronization
import Testing

@Suite("Studies on several ranks")
struct RankedStudyTests {
  private static let methods: [TransferMethod] = [.frozen, .fineTune]

  /// Each rank has a study of its own, as each process has.
  private func study(_ rank: Int, shares: [Share] = [.perClass(20)], seeds: [UInt64] = [0, 1, 2]) throws
    -> TransferStudy
  {
    var options = SmallStudy.options(Self.methods, shares: shares, seeds: seeds)
    options.machine = "rank \(rank)"
    return try SmallStudy.study(options)
  }

  /// Runs rank 0 here and the others in threads.
  private func run(
    _ size: Int, in store: MemoryStore, isStopped: @escaping @Sendable () -> Bool = { false },
    study: (Int) throws -> TransferStudy, report: @escaping @Sendable (StudyEvent) -> Void = { _ in }
  ) throws -> StudyResult {
    let ranks = ThreadCommunicator.ranks(size)
    let isOver = Mutex(false)
    let workers = DispatchGroup()
    for rank in ranks.dropFirst() {
      let study = try study(rank.rank)
      workers.enter()
      Thread {
        StudyWorker(rank) { isOver.withLock { $0 } }.work(on: study)
        workers.leave()
      }.start()
    }
    defer {
      isOver.withLock { $0 = true }
      workers.wait()
    }
    return try StudyManager(study(0), store, ranks[0], isStopped: isStopped, report: report).run()
  }

  @Test("any number of ranks ends with the bits of one process; each trial is trained once", arguments: [2, 3])
  func sameBits(size: Int) throws {
    let (alone, shared, log) = (MemoryStore(), MemoryStore(), EventLog())
    let expected = try study(0).run(in: alone)
    let found = try run(size, in: shared, study: { try study($0) }, report: log.note)
    #expect(found.timeless == expected.timeless)
    let ids = log.began.map(\.id)
    #expect(Set(ids).count == ids.count && Set(log.ended.map(\.id)) == Set(ids))
    #expect(Set(shared.records(of: ids).values.map(\.machine)).count > 1, "one rank did everything")
  }

  @Test("models of rank 0 reach the ranks, and theirs reach its folder, byte for byte")
  func models() throws {
    let (alone, shared) = (
      URL.temporaryDirectory.appending(path: UUID().uuidString),
      URL.temporaryDirectory.appending(path: UUID().uuidString)
    )
    defer { for folder in [alone, shared] { try? FileManager.default.removeItem(at: folder) } }
    func study(_ rank: Int, _ folder: URL?) throws -> TransferStudy {
      try SmallStudy.study(SmallStudy.options(Self.methods, folder: folder?.path))
    }
    let (one, two) = (MemoryStore(), MemoryStore())
    let expected = try study(0, alone).run(in: one)
    let found = try run(2, in: two, study: { try study($0, $0 == 0 ? shared : nil) })
    #expect(found.timeless == expected.timeless)
    let names = try FileManager.default.contentsOfDirectory(atPath: alone.path).sorted()
    #expect(try !names.isEmpty && names == FileManager.default.contentsOfDirectory(atPath: shared.path).sorted())
    for name in names {
      #expect(try Data(contentsOf: alone.appending(path: name)) == Data(contentsOf: shared.appending(path: name)))
    }
  }

  @Test("rehearsals train each of their sources once, whichever rank needs it")
  func rehearsals() throws {
    let (alone, shared) = (MemoryStore(), MemoryStore())
    let expected = try study(0, shares: [.perClass(3)], seeds: [0, 1]).run(in: alone)
    let found = try run(3, in: shared, study: { try study($0, shares: [.perClass(3)], seeds: [0, 1]) })
    #expect(found.timeless == expected.timeless)
  }

  @Test("a study that was stopped goes on, with another number of ranks too")
  func stopped() throws {
    let (alone, store, log) = (MemoryStore(), MemoryStore(), EventLog())
    let expected = try study(0).run(in: alone)
    #expect(throws: StudyStopped.self) {
      try run(3, in: store, isStopped: { log.ended.count >= 4 }, study: { try study($0) }, report: log.note)
    }
    let rest = EventLog()
    let found = try run(2, in: store, study: { try study($0) }, report: rest.note)
    #expect(found.timeless == expected.timeless)
    // Nothing was trained twice: what began before the stop was kept.
    #expect(Set(log.ended.map(\.id)).isDisjoint(with: rest.began.filter { $0.kind == .measurement }.map(\.id)))
  }

  @Test("the parts of a study, each in a store of its own, are the study", arguments: [1, 3, 16])
  func parts(count: Int) throws {
    let (alone, merged) = (MemoryStore(), MemoryStore())
    let shares: [Share] = [.perClass(3), .perClass(20)]
    let expected = try study(0, shares: shares).run(in: alone)
    var trained = 0
    for number in 1...count {
      let (store, log) = (MemoryStore(), EventLog())
      trained += try study(0, shares: shares).train(StudyPart(number, of: count), in: store, report: log.note)
      for record in log.ended { merged.save(record) }
    }
    // Scores and measurements are cut, not repeated.
    #expect(trained == expected.rows.reduce(0) { $0 + $1.records.count } + 2 * 3)
    let log = EventLog()
    let found = try study(0, shares: shares).run(in: merged, report: log.note)
    #expect(found.timeless == expected.timeless && log.began.isEmpty)
  }

  @Test("what is no part is refused", arguments: ["0/3", "4/3", "1", "1/0", "a/b", "1/2/3", "-1/4", ""])
  func noPart(text: String) {
    #expect(throws: GraftFailure.self) { try StudyPart(parsing: text) }
  }

  @Test("a rank that plans another study ends it, and is named")
  func anotherStudy() throws {
    let store = MemoryStore()
    let failure = #expect(throws: GraftFailure.self) {
      try run(2, in: store, study: { try study($0, seeds: $0 == 0 ? [0, 1, 2, 3] : [7]) })
    }
    #expect(failure?.message.hasPrefix("rank 1: it plans other trials") == true)
  }

  @Test("a rank without data gets the first one's, once that has it")
  func data() throws {
    let ranks = ThreadCommunicator.ranks(2)
    let desks = ranks.map { RankDesk($0) }
    defer { for desk in desks { desk.end() } }
    let own = LoadedData(pair: SmallStudy.digits, source: "here", fileDigests: [("a", "b")], pictureFit: "crop")
    let fetched = Mutex<[UInt8]?>(nil)
    let group = DispatchGroup()
    group.enter()
    Thread {
      let bytes = try? desks[1].ask("data digits")
      fetched.withLock { $0 = bytes }
      group.leave()
    }.start()
    usleep(200_000)
    desks[0].answer("data digits") { _ in own.message }
    group.wait()
    let found = try LoadedData(message: try #require(fetched.withLock { $0 }))
    #expect(found.pair.train == own.pair.train && found.pair.test == own.pair.test)
    #expect(found.source == "here" && found.pictureFit == "crop" && found.fileDigests.map(\.name) == ["a"])
    for length in [0, 7, 8, 100, own.message.count - 1] {
      #expect(throws: FormatError.self) { try LoadedData(message: Array(own.message.prefix(length))) }
    }
  }

  @Test("messages that are none are refused")
  func messages() throws {
    let message = StudyMessage(header: ["ask": "next", "lane": 3], payload: [1, 2, 3])
    let read = try StudyMessage(decoding: message.encoded)
    #expect(read.header == message.header && read.payload == [1, 2, 3])
    for length in 0..<message.encoded.count - 3 {
      #expect(throws: GraftFailure.self) { try StudyMessage(decoding: Array(message.encoded.prefix(length))) }
    }
    #expect(throws: GraftFailure.self) { try StudyMessage(decoding: [255, 255, 255, 255, 1]) }
  }

  @Test(
    "goodbyes in any order: a rank that leaves first hears the first one's, which may wait for all", arguments: [0, 1])
  func goodbyes(first: Int) throws {
    let ranks = ThreadCommunicator.ranks(2)
    let beats = ranks.map { rank in
      Heartbeat(rank, limit: 20) { other, _ in Issue.record("\(rank.rank) misses \(other)") }
    }
    let left = DispatchGroup()
    for rank in [first, 1 - first] {
      left.enter()
      Thread {
        beats[rank].leave(waits: true)
        left.leave()
      }.start()
      usleep(300_000)
    }
    #expect(left.wait(timeout: .now() + 30) == .success)
  }

  @Test("silence is noticed by both sides; a goodbye is no loss")
  func heartbeat() throws {
    let ranks = ThreadCommunicator.ranks(3)
    let lost = Mutex<Set<String>>([])
    let beats = ranks.map { rank in
      Heartbeat(rank, limit: 2.5) { other, _ in lost.withLock { _ = $0.insert("\(rank.rank) misses \(other)") } }
    }
    while beats[0].host(of: 2) == nil { usleep(1000) }
    ranks[2].cutOff()
    let clock = ContinuousClock()
    let begin = clock.now
    while lost.withLock({ $0.count }) < 2, clock.now - begin < .seconds(30) { usleep(10_000) }
    #expect(lost.withLock { $0 } == ["0 misses 2", "2 misses 0"])
    beats[0].leave()
    beats[1].leave()
    #expect(beats[1].hasLeft(0) && lost.withLock { $0.count } == 2)
  }
}
