import GraftData
import GraftFiles
import GraftNetworks
import GraftStatistics
import GraftTraining
import GraftWorkbench
import Synchronization

/// A study on a few hundred digits with a network of twelve units.
enum SmallStudy {
  static let digits = DatasetPair.syntheticDigits(train: 800, test: 300, threads: 2)
  static let architecture = Architecture(hiddenUnits: [12])

  static func domain(_ classes: String, of pair: DatasetPair = digits) throws -> StudyDomain {
    try StudyDomain(pair, selecting: ClassSelection(parsing: classes, of: pair.train.classNames.count))
  }

  static func pair(_ source: String = "even", _ target: String = "odd") throws -> StudyPair {
    StudyPair(.trained(try domain(source)), try domain(target))
  }

  /// Enough labels that no rehearsal is needed.
  static func options(
    _ methods: [TransferMethod] = [.frozen, .fineTune], shares: [Share] = [.perClass(20)], seeds: [UInt64] = [0, 1],
    head: HeadPolicy? = nil, threads: Int = 1, folder: String? = nil
  ) -> StudyOptions {
    StudyOptions(
      methods: methods, shares: shares, seeds: seeds, architecture: architecture, head: head, threads: threads,
      modelFolder: folder, version: "1.2.3", machine: "a processor")
  }

  static func study(_ options: StudyOptions = options()) throws -> TransferStudy {
    try TransferStudy(options, on: [pair()])
  }

  /// The trials that `study` would train, had it nothing but what is in `store`: all lists up to the measurements.
  static func trials(of study: TransferStudy, in store: any TrialStore = MemoryStore()) throws -> [Trial] {
    let list = TrialList()
    do {
      _ = try study.run(in: store, exchange: list)
    } catch is TrialList.Complete {}
    return list.trials
  }

  /// What `study` says of outcomes that nobody trained.
  static func result(
    of study: TransferStudy, in store: MemoryStore = MemoryStore(), outcome: (Trial) throws -> TrialOutcome
  ) throws -> StudyResult {
    for trial in try trials(of: study, in: store) {
      store.save(TrialRecord(trial: trial, outcome: try outcome(trial), created: 0, version: "", machine: ""))
    }
    return try study.run(in: store, exchange: TrialList())
  }
}

/// Writes down which trials a study asks for, and trains none.
final class TrialList: TrialExchange {
  struct Complete: Error {}

  private let seen = Mutex<[Trial]>([])
  var trials: [Trial] { seen.withLock { $0 } }

  func take(from trials: [Trial]) throws -> Int? {
    seen.withLock { seen in
      // Several workers ask.
      for trial in trials where !seen.contains(trial) { seen.append(trial) }
    }
    if trials.first?.kind == .measurement { throw Complete() }
    return nil
  }

  func finish(_ record: TrialRecord) {}

  func collect(_ trials: [Trial]) -> [String: TrialRecord] { [:] }
}

/// What a running study told.
final class EventLog: Sendable {
  private let events = Mutex<[StudyEvent]>([])

  func note(_ event: StudyEvent) { events.withLock { $0.append(event) } }

  var began: [Trial] { events.withLock { $0 }.compactMap { if case .began(let trial) = $0 { trial } else { nil } } }
  var ended: [TrialRecord] {
    events.withLock { $0 }.compactMap { if case .ended(let record, _) = $0 { record } else { nil } }
  }
  /// `measurements 6 of 9 known`.
  var phases: [String] {
    events.withLock { $0 }.compactMap {
      if case .phase(let phase, let trials, let known, _) = $0 { "\(phase) \(known) of \(trials) known" } else { nil }
    }
  }
}

extension TrialOutcome {
  /// Without what a clock said.
  var timeless: TrialOutcome {
    TrialOutcome(
      answers: answers, correct: correct, loss: loss,
      history: history.map { Point(epoch: $0.epoch, seconds: 0, trainLoss: $0.trainLoss, correct: $0.correct) },
      choices: choices, seconds: 0, choosingSeconds: 0, checkpointDigest: checkpointDigest, diagnosis: diagnosis)
  }
}

extension StudyRow {
  /// All of a row but what clocks say.
  struct Timeless: Hashable {
    let name: String
    let trials: [Trial]
    let outcomes: [TrialOutcome]
    let comparison: MethodComparison?
    let adjustedP: Double?
    let epochs: [Int?]
    let retention: Retention?
  }

  var timeless: Timeless {
    Timeless(
      name: "\(source) \(target) \(method) \(share) \(labelsPerClass)", trials: records.map(\.trial),
      outcomes: records.map(\.outcome.timeless), comparison: comparison, adjustedP: adjustedP,
      epochs: timeWorth.reached.map { $0?.epoch }, retention: retention)
  }
}

extension StudyResult { var timeless: [StudyRow.Timeless] { rows.map(\.timeless) } }
