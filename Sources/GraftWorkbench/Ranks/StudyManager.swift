import Foundation
import GraftFiles
import GraftNetworks
import GraftRanks
import Synchronization

/// Rank 0 of a study: it hands trials to the other ranks and to its own threads, and keeps the outcomes in its store, the only one.
///
/// One thread answers all requests. A request that has no answer yet, such as for a trial while the last ones of a list are running, is
/// answered when it has one.
package final class StudyManager: TrialExchange, SharedValues {
  /// A thread of a rank that waits for an answer.
  private struct Asker: Hashable {
    let rank: Int
    let lane: Int
  }

  private enum Value {
    case beingMade
    case made([UInt8])
  }

  private struct State {
    /// The list that is handed out.
    var trials: [Trial] = []
    var taken = 0
    var isOpen = false
    /// Trials that other ranks are training, and their ranks.
    var running: [String: Int] = [:]
    /// Trials that each rank has ended, and those that it is training.
    var counts: (ended: [Int], running: [Int])
    var waiting: [Asker] = []
    var values: [String: Value] = [:]
    var waitingForValues: [(asker: Asker, key: String)] = []
    var failure: (any Error)?
    var isEnded = false
    /// Answers given, and their time, by question.
    var answered: [String: (count: Int, seconds: Double)] = [:]

    /// The place of the next trial that nobody has taken; nil if there is none, or if the study fails.
    mutating func next() -> Int? {
      guard failure == nil, taken < trials.count else { return nil }
      taken += 1
      return taken - 1
    }
  }

  private let study: TransferStudy
  private let store: any TrialStore
  private let communicator: any Communicator
  private let isStopped: @Sendable () -> Bool
  private let report: @Sendable (StudyEvent) -> Void
  private let name: @Sendable (Int) -> String
  private let jobs: StudyJobs
  private let state: Mutex<State>

  /// - Parameter name: A rank in words, for its failures: `rank 3 (node17)`.
  package init(
    _ study: TransferStudy, _ store: any TrialStore, _ communicator: any Communicator,
    name: @escaping @Sendable (Int) -> String = { "rank \($0)" }, isStopped: @escaping @Sendable () -> Bool,
    report: @escaping @Sendable (StudyEvent) -> Void
  ) {
    self.study = study
    self.store = store
    self.communicator = communicator
    self.isStopped = isStopped
    self.report = report
    self.name = name
    let none = Array(repeating: 0, count: communicator.size)
    state = Mutex(State(counts: (none, none)))
    jobs = StudyJobs(study) { RehearsalChoices(try StudyManager.rehearsals(study, store)) }
  }

  private static func rehearsals(_ study: TransferStudy, _ store: any TrialStore) throws -> [String: TrialRecord] {
    try store.records(of: study.rehearsalJobs().map(\.trial.id))
  }

  /// Runs the study, or a part of it, while the other ranks' requests are answered.
  package func run() throws -> StudyResult {
    try serving { try study.run(in: store, exchange: self, isStopped: isStopped, report: report) }
  }

  /// Trains a part of the study while the other ranks' requests are answered.
  package func train(_ part: StudyPart) throws -> Int {
    try serving { try study.train(part, in: store, exchange: self, isStopped: isStopped, report: report) }
  }

  private func serving<Result>(_ work: () throws -> Result) throws -> Result {
    study.links.connect(self)
    let ended = DispatchGroup()
    ended.enter()
    let thread = Thread {
      self.serve()
      ended.leave()
    }
    thread.stackSize = 8 << 20
    thread.start()
    let clock = ContinuousClock()
    let begin = clock.now
    defer {
      state.withLock { $0.isEnded = true }
      ended.wait()
      report(.answered(state.withLock { $0.answered }, seconds: (clock.now - begin) / .seconds(1)))
    }
    return try work()
  }

  // MARK: Handing out

  package func take(from trials: [Trial]) throws -> Int? {
    state.withLock { state in
      if !state.isOpen { (state.trials, state.taken, state.isOpen) = (trials, 0, true) }
      let index = state.next()
      if index != nil { state.counts.running[0] += 1 }
      return index
    }
  }

  package func finish(_ record: TrialRecord) throws {
    try store.save(record)
    count(endedBy: 0)
  }

  private func count(endedBy rank: Int) {
    let counts = state.withLock { state in
      state.counts.ended[rank] += 1
      state.counts.running[rank] -= 1
      return state.counts
    }
    report(.ranks(ended: counts.ended, running: counts.running))
  }

  package func collect(_ trials: [Trial]) throws -> [String: TrialRecord] {
    // After a failure or a stop the list has trials that nobody took.
    state.withLock { $0.isOpen = false }
    var pause = Pause()
    while state.withLock({ !$0.running.isEmpty && $0.failure == nil }) { pause.rest() }
    if let failure = state.withLock({ $0.failure }) { throw failure }
    return try store.records(of: trials.map(\.id))
  }

  // MARK: Values

  var place: (rank: Int, ranks: Int) { (communicator.rank, communicator.size) }

  func value(_ key: String, or make: () throws -> [UInt8]) throws -> [UInt8] {
    var pause = Pause()
    while true {
      let found = try state.withLock { state -> Value? in
        if let failure = state.failure { throw failure }
        defer { if state.values[key] == nil { state.values[key] = .beingMade } }
        return state.values[key]
      }
      switch found {
      case .made(let value): return value
      case .beingMade: pause.rest()
      case nil:
        do {
          let value = try make()
          state.withLock { $0.values[key] = .made(value) }
          return value
        } catch {
          state.withLock { $0.values[key] = nil }
          throw error
        }
      }
    }
  }

  // MARK: Answering

  private func serve() {
    var pause = Pause()
    while !state.withLock({ $0.isEnded }) {
      do {
        var ended: [Ended] = []
        while let message = try communicator.receive(from: nil, tag: StudyMessage.requestTag) {
          pause = Pause()
          if let one = try answer(message) { ended.append(one) }
        }
        try keep(ended)
        try handOut()
        try giveValues()
      } catch {
        fail(error)
      }
      pause.rest()
    }
  }

  /// The study ends with this failure once what runs in this process has ended.
  private func fail(_ error: any Error) { state.withLock { $0.failure = $0.failure ?? error } }

  /// Does a part of the answering, and counts its time.
  private func counting<Result>(_ what: String, _ answers: Int = 1, _ body: () throws -> Result) rethrows -> Result {
    let clock = ContinuousClock()
    let begin = clock.now
    defer {
      let seconds = (clock.now - begin) / .seconds(1)
      state.withLock { state in
        let before = state.answered[what] ?? (0, 0)
        state.answered[what] = (before.count + answers, before.seconds + seconds)
      }
    }
    return try body()
  }

  /// A trial that a rank has brought back.
  private struct Ended {
    let asker: Asker
    let record: TrialRecord
  }

  /// Keeps what several ranks have brought since the last time, as one write: it is the disk that limits how many ranks rank 0 can serve.
  private func keep(_ ended: [Ended]) throws {
    if ended.isEmpty { return }
    try counting("finish", ended.count) {
      try store.save(all: ended.map(\.record))
      for one in ended {
        state.withLock { _ = $0.running.removeValue(forKey: one.record.id) }
        count(endedBy: one.asker.rank)
        report(.ended(one.record, steps: try jobs.job(one.record.id, one.record.trial.kind).steps))
        try reply(to: one.asker, [:])
      }
    }
  }

  /// - Returns: A trial that was brought back; the answer is given once it is kept.
  private func answer(_ message: RankMessage) throws -> Ended? {
    let request = try counting("read") { try StudyMessage(decoding: message.bytes) }
    guard let ask = request.header["ask"]?.string, let lane = request.header["lane"]?.int else {
      throw StudyMessage.unreadable
    }
    let asker = Asker(rank: message.source, lane: lane)
    // A trial is handed out later, when there is one.
    if ask == "next" {
      state.withLock { $0.waiting.append(asker) }
      return nil
    }
    if ask == "finish" { return Ended(asker: asker, record: try record(request.header, from: asker.rank)) }
    try counting(ask) { try answer(request, ask, asker) }
    return nil
  }

  /// The record of a trial that a rank has trained. What was to be trained is known here; the rank sends its outcome.
  private func record(_ header: JSON, from rank: Int) throws -> TrialRecord {
    guard let id = header["id"]?.string, state.withLock({ $0.running[id] }) == rank,
      let kind = header["kind"]?.string.flatMap(Trial.Kind.init),
      let outcome = header["outcome"].flatMap(TrialOutcome.init), let created = header["created"]?.double,
      let version = header["version"]?.string, let machine = header["machine"]?.string
    else { throw StudyMessage.unreadable }
    return TrialRecord(
      trial: try jobs.job(id, kind).trial, outcome: outcome, created: created, version: version, machine: machine)
  }

  private func answer(_ request: StudyMessage, _ ask: String, _ asker: Asker) throws {
    let id = request.header["id"]?.string ?? ""
    switch ask {
    case "choices":
      let records = try StudyManager.rehearsals(study, store).values
      try reply(to: asker, [:], Array(try JSONEncoder().encode(Array(records))))
    case "model":
      do {
        try reply(to: asker, [:], study.models.model(id)?.encoded() ?? [])
      } catch is SourceDiverged {
        try reply(to: asker, ["diverged": true])
      }
    case "keep":
      let digest = try study.models.keep(
        Checkpoint(decoding: request.payload), as: id,
        isReadOften: request.header["is_read_often"]?.bool ?? false)
      try reply(to: asker, ["digest": digest.map(JSON.string) ?? .null])
    case "value":
      let key = request.header["key"]?.string ?? ""
      state.withLock { $0.waitingForValues.append((asker, key)) }
    case "made":
      let key = request.header["key"]?.string ?? ""
      state.withLock { $0.values[key] = .made(request.payload) }
      try reply(to: asker, [:])
    case "fail":
      let kind = request.header["kind"]?.int.flatMap { FailureKind(rawValue: Int32($0)) }
      try reply(to: asker, [:])
      throw GraftFailure(
        kind ?? .internalError, "\(name(asker.rank)): \(request.header["message"]?.string ?? "it failed")")
    default: throw StudyMessage.unreadable
    }
  }

  private func reply(to asker: Asker, _ header: JSON, _ payload: [UInt8] = []) throws {
    try communicator.send(
      StudyMessage(header: header, payload: payload).encoded, to: asker.rank,
      tag: StudyMessage.answerTag(lane: asker.lane))
  }

  /// Gives the ranks that wait for trials what is left of the list.
  private func handOut() throws {
    while !isStopped() {
      let given = state.withLock { state -> (asker: Asker, trial: Trial)? in
        guard state.isOpen, !state.waiting.isEmpty, let index = state.next() else { return nil }
        let trial = state.trials[index]
        let asker = state.waiting.removeFirst()
        state.running[trial.id] = asker.rank
        state.counts.running[asker.rank] += 1
        return (asker, trial)
      }
      guard let (asker, trial) = given else { return }
      try counting("next") {
        report(.began(trial))
        try reply(to: asker, ["trial": .string(trial.id), "kind": .string(trial.kind.rawValue)])
      }
    }
  }

  /// Answers those who wait for a value that is made, and lets one of those who wait for a new one make it.
  private func giveValues() throws {
    let answers = state.withLock { state -> [(asker: Asker, value: [UInt8]?)] in
      var answers: [(asker: Asker, value: [UInt8]?)] = []
      var rest: [(asker: Asker, key: String)] = []
      for (asker, key) in state.waitingForValues {
        switch state.values[key] {
        case .made(let value): answers.append((asker, value))
        case .beingMade: rest.append((asker, key))
        case nil:
          state.values[key] = .beingMade
          answers.append((asker, nil))
        }
      }
      state.waitingForValues = rest
      return answers
    }
    for (asker, value) in answers { try reply(to: asker, ["make": .bool(value == nil)], value ?? []) }
  }
}
