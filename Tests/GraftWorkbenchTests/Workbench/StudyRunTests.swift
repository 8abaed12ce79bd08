import Foundation
import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftStatistics
import GraftTraining
import GraftWorkbench
import NumericChecks
import Synchronization
import Testing

@Suite("A study over its whole life")
struct StudyRunTests {
  static let methods = [TransferMethod.frozen, .fineTune, .linearProbeThenFineTuning]

  /// Six measurements of the control and three methods with two seeds each, computed once.
  static func whole() throws -> StudyResult { try shared.get() }

  private static let shared = Result {
    try SmallStudy.study(SmallStudy.options(methods)).run(in: MemoryStore())
  }

  @Test("the same study a second time trains nothing and says the same")
  func secondTime() throws {
    let (store, log) = (MemoryStore(), EventLog())
    let options = SmallStudy.options(Self.methods)
    let first = try SmallStudy.study(options).run(in: store, report: log.note)
    #expect(
      log.phases == [
        "rehearsals 0 of 0 known", "sources 0 of 2 known", "scores 0 of 2 known", "measurements 0 of 8 known",
      ])
    #expect(log.began.count == 12 && log.ended.map(\.trial) == log.began && Set(log.began.map(\.id)).count == 12)
    #expect(log.ended.allSatisfy { $0.version == "1.2.3" && $0.machine == "a processor" && $0.created > 1e9 })
    let again = EventLog()
    let second = try SmallStudy.study(options).run(in: store, report: again.note)
    #expect(again.began.isEmpty && again.ended.isEmpty)
    #expect(
      again.phases == [
        "rehearsals 0 of 0 known", "sources 0 of 0 known", "scores 2 of 2 known", "measurements 8 of 8 known",
      ])
    #expect(second.rows.map(\.records) == first.rows.map(\.records))
    #expect(try second.timeless == first.timeless && first.timeless == Self.whole().timeless)
  }

  @Test("a method that is added later trains itself and the sources it needs, and nothing else")
  func anotherMethod() throws {
    let (store, log) = (MemoryStore(), EventLog())
    _ = try SmallStudy.study(SmallStudy.options([.frozen, .linearProbeThenFineTuning])).run(in: store)
    let result = try SmallStudy.study(SmallStudy.options(Self.methods)).run(in: store, report: log.note)
    #expect(log.began.map(\.method) == ["quick", "quick", "fine-tune", "fine-tune"])
    #expect(try result.timeless == Self.whole().timeless)
    // One that uses no source trains none.
    let fresh = EventLog()
    _ = try SmallStudy.study(SmallStudy.options([TransferMethod(.randomFrozen)])).run(in: store, report: fresh.note)
    #expect(fresh.began.map(\.method) == ["random-frozen", "random-frozen"])
  }

  @Test("the outcomes are the same at any number of trainings at a time", arguments: [2, 3])
  func threads(count: Int) throws {
    let (one, other) = (MemoryStore(), MemoryStore())
    let ids = try SmallStudy.trials(of: SmallStudy.study(SmallStudy.options(Self.methods))).map(\.id)
    let first = try SmallStudy.study(SmallStudy.options(Self.methods)).run(in: one)
    let second = try SmallStudy.study(SmallStudy.options(Self.methods, threads: count)).run(in: other)
    #expect(ids.count == 12 && first.timeless == second.timeless)
    let records = (one.records(of: ids), other.records(of: ids))
    #expect(records.0.count == 12)
    for id in ids { #expect(records.0[id]?.outcome.timeless == records.1[id]?.outcome.timeless) }
  }

  @Test(
    "stopped after any trial it goes on from there, trains nothing twice and ends the same",
    arguments: [(0, 1), (1, 2), (2, 1), (3, 1), (5, 2), (9, 1)])
  func stopped(after count: Int, threads: Int) throws {
    let (folder, store, log, rest) = (try ScratchFolder(), MemoryStore(), EventLog(), EventLog())
    let options = SmallStudy.options(Self.methods, threads: threads, folder: folder.path)
    #expect(throws: StudyStopped.self) {
      try SmallStudy.study(options).run(in: store, isStopped: { log.ended.count >= count }, report: log.note)
    }
    // Those that ran when it was asked to stop are kept too.
    #expect(log.ended.count == log.began.count && (count..<count + threads).contains(log.ended.count))
    #expect(store.records(of: log.ended.map(\.id)).count == log.ended.count)
    let result = try SmallStudy.study(options).run(in: store, report: rest.note)
    #expect(Set(rest.began.map(\.id)).isDisjoint(with: log.began.map(\.id)))
    #expect(rest.began.count + log.began.count == 12)
    let whole = try Self.whole()
    #expect(result.timeless == whole.timeless)
  }

  /// A disk that is full from some save on.
  private final class FullStore: TrialStore {
    struct Full: Error {}

    let kept = MemoryStore()
    private let room: Mutex<Int>
    private let saves = Mutex<[String]>([])

    init(room: Int) { self.room = Mutex(room) }

    var saved: [String] { saves.withLock { $0 } }

    func records(of ids: [String]) -> [String: TrialRecord] { kept.records(of: ids) }
    func looks(at comparisons: [String]) -> [StudyLook] { kept.looks(at: comparisons) }
    func save(_ looks: [StudyLook]) { kept.save(looks) }

    func save(_ record: TrialRecord) throws {
      try room.withLock { room in
        guard room > 0 else { throw Full() }
        room -= 1
        kept.save(record)
        saves.withLock { $0.append(record.id) }
      }
    }

    func save(_ testSet: TestSet) {}
  }

  @Test(
    "a store that cannot keep a trial ends the study and loses none that it kept", arguments: [(0, 2), (2, 1), (5, 2)])
  func fullDisk(room: Int, threads: Int) throws {
    let (folder, store, log, rest) = (try ScratchFolder(), FullStore(room: room), EventLog(), EventLog())
    let options = SmallStudy.options(Self.methods, threads: threads, folder: folder.path)
    #expect(throws: FullStore.Full.self) { try SmallStudy.study(options).run(in: store, report: log.note) }
    #expect(store.saved.count == room && Set(log.ended.map(\.id)) == Set(store.saved))
    #expect(log.began.count <= room + threads)
    let result = try SmallStudy.study(options).run(in: store.kept, report: rest.note)
    #expect(Set(rest.began.map(\.id)).isDisjoint(with: store.saved) && rest.began.count == 12 - room)
    let whole = try Self.whole()
    #expect(result.timeless == whole.timeless)
  }

  /// Fails the first trial it is brought, after a while in which the other workers could have begun many.
  private final class BrokenExchange: TrialExchange {
    struct Broken: Error {}

    private let store = MemoryStore()
    private let local: LocalExchange
    private let finished = Mutex(0)

    init() { local = LocalExchange(store) }

    var taken: Int { finished.withLock { $0 } }

    func take(from trials: [Trial]) -> Int? { local.take(from: trials) }

    func finish(_ record: TrialRecord) throws {
      let place = finished.withLock { finished in
        finished += 1
        return finished
      }
      if place == 1 { throw Broken() }
      try local.finish(record)
    }

    func collect(_ trials: [Trial]) throws -> [String: TrialRecord] { try local.collect(trials) }
  }

  @Test("after an error no worker begins another trial")
  func firstError() throws {
    let (exchange, log) = (BrokenExchange(), EventLog())
    let options = SmallStudy.options([], seeds: Array(0..<40), threads: 2)
    #expect(throws: BrokenExchange.Broken.self) {
      try SmallStudy.study(options).run(in: MemoryStore(), exchange: exchange, report: log.note)
    }
    // The other worker ends what it has, and may have begun a few while the first one failed.
    #expect(log.began.count < 20 && exchange.taken == log.began.count)
  }

  @Test("an exchange that was stopped hands out all trials of the next call")
  func exchangeAfterStop() throws {
    let (store, log) = (MemoryStore(), EventLog())
    let exchange = LocalExchange(store)
    let study = try SmallStudy.study(SmallStudy.options([], seeds: Array(0..<6)))
    #expect(throws: StudyStopped.self) {
      try study.run(in: store, exchange: exchange, isStopped: { log.ended.count >= 2 }, report: log.note)
    }
    let result = try study.run(in: store, exchange: exchange, report: log.note)
    #expect(log.began.map(\.seed) == Array(0..<6) && result.rows[0].records.map(\.trial.seed) == Array(0..<6))
  }

  @Test("the exchange hands out each trial once, in the order of the list, to any number of workers")
  func exchange() throws {
    let store = MemoryStore()
    let exchange = LocalExchange(store)
    let trials = (0..<200).map { number in
      Trial(
        .measurement, source: nil, target: "digits:all", method: "scratch", share: .all, seed: UInt64(number),
        testDigest: "", identity: (["number": .integer(number)] as JSON).object ?? JSON.Object())
    }
    let outcome = TrialOutcome(
      answers: [], correct: 0, loss: 0, history: [], choices: [], seconds: 0, choosingSeconds: 0, checkpointDigest: nil)
    for _ in 0..<2 {
      let taken = Mutex<[[Int]]>([])
      let worker = WorkerPool.Job {
        var own: [Int] = []
        while let index = exchange.take(from: trials) {
          own.append(index)
          try exchange.finish(TrialRecord(trial: trials[index], outcome: outcome, created: 0, version: "", machine: ""))
        }
        taken.withLock { $0.append(own) }
      }
      try WorkerPool(threads: 2).run([worker, worker])
      let lists = taken.withLock { $0 }
      #expect(lists.count == 2 && lists.flatMap { $0 }.sorted() == Array(0..<200))
      #expect(lists.allSatisfy { $0 == $0.sorted() })
      #expect(exchange.take(from: trials) == nil)
      // Ready for the next list.
      #expect(try exchange.collect(trials).count == 200)
    }
  }

  // MARK: Sources

  private func sourceFiles(_ log: EventLog, _ folder: ScratchFolder) -> [(path: String, digest: String?)] {
    log.ended.filter { $0.trial.kind == .source }
      .map { ("\(folder.path)/\($0.id).safetensors", $0.outcome.checkpointDigest) }
  }

  @Test("a source's file is its checkpoint, and a later call reads it instead of training")
  func sourceFile() throws {
    let (folder, store, log, later) = (try ScratchFolder(), MemoryStore(), EventLog(), EventLog())
    _ = try SmallStudy.study(SmallStudy.options([.frozen], folder: folder.path)).run(in: store, report: log.note)
    let files = sourceFiles(log, folder)
    #expect(try folder.names() == files.map { URL(fileURLWithPath: $0.path).lastPathComponent }.sorted())
    for (path, digest) in files {
      #expect(try SHA256Digest.hex(ofFileAt: path) == digest)
      let checkpoint = try Checkpoint(contentsOf: path)
      #expect(
        checkpoint.outputs.classes == [0, 2, 4, 6, 8] && checkpoint.model.architecture == SmallStudy.architecture)
    }
    let options = SmallStudy.options(Self.methods, folder: folder.path)
    let result = try SmallStudy.study(options).run(in: store, report: later.note)
    #expect(later.began.allSatisfy { $0.kind == .measurement } && later.began.count == 4)
    #expect(try result.timeless == Self.whole().timeless)
  }

  @Test("a source's file that is lost or damaged is made again with the same bytes")
  func lostSource() throws {
    let (folder, store, log, later) = (try ScratchFolder(), MemoryStore(), EventLog(), EventLog())
    let three: [UInt64] = [0, 1, 2]
    _ = try SmallStudy.study(SmallStudy.options([.frozen], seeds: three, folder: folder.path)).run(
      in: store, report: log.note)
    let files = sourceFiles(log, folder)
    #expect(files.count == 3)
    try FileManager.default.removeItem(atPath: files[0].path)
    var bytes = try readFile(at: files[1].path)
    bytes[bytes.count / 2] ^= 1
    try AtomicFile.write(bytes, to: files[1].path)
    let options = SmallStudy.options(Self.methods, seeds: three, folder: folder.path)
    let result = try SmallStudy.study(options).run(in: store, report: later.note)
    let again = later.ended.filter { $0.trial.kind == .source }
    #expect(again.map(\.trial.seed).sorted() == [0, 1])
    for record in again {
      #expect(record.outcome.timeless == log.ended.first { $0.id == record.id }?.outcome.timeless)
    }
    for (path, digest) in files { #expect(try SHA256Digest.hex(ofFileAt: path) == digest) }
    let undisturbed = try SmallStudy.study(SmallStudy.options(Self.methods, seeds: three)).run(in: MemoryStore())
    #expect(result.timeless == undisturbed.timeless)
  }

  @Test("a source is drawn from a seed of its own: no new head begins with the weights that the source's began with")
  func sourceSeed() throws {
    let (folder, log) = (try ScratchFolder(), EventLog())
    _ = try SmallStudy.study(SmallStudy.options([.frozen], folder: folder.path)).run(
      in: MemoryStore(), report: log.note)
    let sources = log.ended.filter { $0.trial.kind == .source }
    var seeds: Set<UInt64> = []
    for record in sources {
      let text = try #require(record.trial.identity["settings"]?["seed"]?.string)
      let seed = try #require(UInt64(text))
      seeds.insert(seed)
      let domain = try SmallStudy.domain("even")
      let settings = Recipe.quick.settings(seed: seed)
      let fresh = Model(SmallStudy.architecture, inputShape: .mnist, classCount: 5, seed: seed)
      let examples = try Examples(domain.data.train, outputs: domain.outputs, normalization: .unit)
      let end = try TransferPlan(training: fresh, settings).run(on: examples, strength: 0)
      let kept = try Checkpoint(contentsOf: "\(folder.path)/\(record.id).safetensors").model
      #expect(kept.parameters == end.parameters)
      let head = kept.replacingHead(classCount: 5, seed: record.trial.seed)
      #expect(head.values("fc2.weight") != fresh.values("fc2.weight"))
    }
    #expect(seeds.count == 2 && seeds.isDisjoint(with: [0, 1]))
  }

  @Test("two sources of one target have one control")
  func sharedControl() throws {
    let (store, log) = (MemoryStore(), EventLog())
    let target = try SmallStudy.domain("odd")
    let pairs = try ["even", "0,2,4"].map { StudyPair(.trained(try SmallStudy.domain($0)), target) }
    let result = try TransferStudy(SmallStudy.options([.frozen]), on: pairs).run(in: store, report: log.note)
    #expect(log.began.count { $0.kind == .source } == 4 && log.began.count { $0.method == "scratch" } == 2)
    #expect(log.began.count { $0.method == "frozen" } == 4 && Set(log.began.map(\.id)).count == log.began.count)
    #expect(log.began.filter { $0.method == "scratch" }.allSatisfy { $0.source == nil })
    #expect(result.pairs.map(\.source) == ["synthetic:even", "synthetic:0,2,4"])
    let controls = result.pairs.compactMap { $0.row(.scratch, .perClass(20)) }
    #expect(controls.count == 2 && controls[0].records == controls[1].records)
    let frozen = result.pairs.compactMap { $0.row(.frozen, .perClass(20)) }
    #expect(frozen[0].records.map(\.outcome.answers) != frozen[1].records.map(\.outcome.answers))
    // What both pairs rest on is counted once.
    let all = store.records(of: log.began.map(\.id)).values
    let seconds = all.reduce(0) { $0 + $1.outcome.seconds + $1.outcome.choosingSeconds }
    #expect(mismatch([result.trainingSeconds], [seconds], within: 1e-9) == nil && seconds > 0)
  }

  @Test("a source from a file serves all seeds and is trained for none")
  func fixedSource() throws {
    let folder = try ScratchFolder()
    let made = EventLog()
    _ = try SmallStudy.study(SmallStudy.options([.frozen], seeds: [0], folder: folder.path)).run(
      in: MemoryStore(), report: made.note)
    let (path, digest) = try #require(sourceFiles(made, folder).first)
    let checkpoint = try Checkpoint(contentsOf: path)
    func study(_ name: String, _ digest: String) throws -> TransferStudy {
      try TransferStudy(
        SmallStudy.options([.frozen]),
        on: [StudyPair(.checkpoint(checkpoint, name: name, digest: digest), try SmallStudy.domain("odd"))])
    }
    let log = EventLog()
    let result = try study("some.safetensors", try #require(digest)).run(in: MemoryStore(), report: log.note)
    #expect(log.began.map(\.kind) == [.score, .score] + [Trial.Kind](repeating: .measurement, count: 4))
    #expect(result.pairs[0].hasFixedSource && result.pairs[0].source == "some.safetensors")
    let pair = try Self.whole().pairs[0]
    #expect(!pair.hasFixedSource)
    // Seed 0's own source is this file; seed 1 has another one there.
    let rows = (result.pairs[0].row(.frozen, .perClass(20)), pair.row(.frozen, .perClass(20)))
    let (fixed, trained) = (try #require(rows.0), try #require(rows.1))
    // All but what is left of the source's task, whose images a file does not name.
    let (file, own) = (fixed.records[0].outcome.timeless, trained.records[0].outcome.timeless)
    #expect(file.answers == own.answers && file.history == own.history && file.choices == own.choices)
    #expect(file.diagnosis.calibration == own.diagnosis.calibration)
    #expect(fixed.records[1].outcome.answers != trained.records[1].outcome.answers)
    // The file's name is no part of what a trial is; its bytes are.
    let ids = try [("a", "1"), ("b", "1"), ("a", "2")].map { name, digest in
      try SmallStudy.trials(of: study(name, digest)).filter { $0.method == "frozen" }.map(\.id)
    }
    #expect(ids[0] == ids[1] && Set(ids[0]).isDisjoint(with: ids[2]))
  }
}
