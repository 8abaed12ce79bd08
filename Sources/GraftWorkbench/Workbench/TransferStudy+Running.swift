import Foundation
import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining
import Synchronization

extension TransferStudy {
  /// Trains whatever is not in the store yet, list by list: rehearsals, sources, scores, measurements, and similarities
  /// if layers are compared. Each list's trials are independent of each other; which worker trains what changes no bit
  /// of any outcome.
  ///
  /// - Parameters:
  ///   - store: Every trial is kept there as soon as it is finished.
  ///   - exchange: The exchange that hands trials to the workers; nil for the workers of this process alone.
  ///   - isStopped: Asked before each trial. If it says so, no further one begins, and ``StudyStopped`` is thrown when
  ///     the running ones are kept.
  ///   - report: Called as the study goes on, by several threads at once if trainings run side by side.
  public func run(
    in store: any TrialStore, exchange: (any TrialExchange)? = nil,
    isStopped: @escaping @Sendable () -> Bool = { false },
    report: @escaping @Sendable (StudyEvent) -> Void = { _ in }
  ) throws -> StudyResult {
    let exchange = exchange ?? LocalExchange(store)
    for domain in pairs.flatMap(\.domains) { try store.save(domain.testSet) }
    let made = try result(in: store) { phase, jobs, again in
      try trainMissing(jobs, again: again, phase, store, exchange, isStopped, report)
    }
    guard let made else { throw StudyStopped() }
    var result = made.result
    result.earlierLooks = try look(made.choices, in: store)
    return result
  }

  /// Trains the trials of one part that are not in the store yet, with the sources and rehearsals that they need. The result is that of the whole
  /// study, once the parts' stores are merged.
  ///
  /// - Returns: The number of the part's trials.
  package func train(
    _ part: StudyPart, in store: any TrialStore, exchange: (any TrialExchange)? = nil,
    isStopped: @escaping @Sendable () -> Bool = { false },
    report: @escaping @Sendable (StudyEvent) -> Void = { _ in }
  ) throws -> Int {
    let exchange = exchange ?? LocalExchange(store)
    for domain in pairs.flatMap(\.domains) { try store.save(domain.testSet) }
    func train(_ phase: StudyPhase, _ jobs: [any StudyJob], _ again: Set<String> = []) throws -> [String: TrialRecord] {
      try trainMissing(jobs, again: again, phase, store, exchange, isStopped, report)
    }
    let parts = part.jobs(measurementJobs(nil))
    let needed = Set(parts.map { Rehearsed(method: $0.method, share: $0.share) })
    let choices = RehearsalChoices(
      try train(.rehearsals, rehearsalJobs { needed.contains(Rehearsed(method: $0, share: $1)) }))
    let work = try OpenWork(self, choices, in: store, part: part)
    _ = try train(.sources, work.sources, work.lost)
    _ = try train(.scores, work.scores)
    _ = try train(.measurements, work.measurements, work.lost)
    return work.scores.count + work.measurements.count
  }

  /// What rehearsals are for.
  private struct Rehearsed: Hashable {
    let method: TransferMethod
    let share: Share
  }

  /// The result of a study whose trials are all in the store. Nothing is trained and nothing written.
  ///
  /// - Returns: nil if a trial is missing.
  public func finishedResult(in store: any TrialStore) throws -> StudyResult? {
    let found = try result(in: store) { phase, jobs, again in
      let known = try store.records(of: jobs.map(\.trial.id))
      // A source that nothing is to be trained from any more may be missing.
      if phase == .sources { return known }
      return again.isEmpty && jobs.allSatisfy({ known[$0.trial.id] != nil }) ? known : nil
    }
    guard let found else { return nil }
    var result = found.result
    result.earlierLooks = StudyLook.earlier(
      than: options.seeds.count, in: try store.looks(at: comparisons(found.choices)))
    return result
  }

  /// Goes through the lists of trials in their order.
  ///
  /// - Parameter records: Gives the records of a list, of which those named last are to be trained again; nil ends it.
  private func result(
    in store: any TrialStore, records: (StudyPhase, [any StudyJob], Set<String>) throws -> [String: TrialRecord]?
  ) throws -> (result: StudyResult, choices: RehearsalChoices)? {
    guard let rehearsals = try records(.rehearsals, rehearsalJobs(), []) else { return nil }
    let choices = RehearsalChoices(rehearsals)
    let work = try OpenWork(self, choices, in: store)
    guard let made = try records(.sources, work.sources, work.lost),
      let scored = try records(.scores, work.scores, []),
      let measured = try records(.measurements, work.measurements, work.lost),
      let alike = work.similarities.isEmpty ? [:] : try records(.similarities, work.similarities, [])
    else { return nil }
    let sources = try store.records(of: sourceJobs().map(\.trial.id)).merging(made) { $1 }
    let result = StudyResult(
      self, choices, measured.merging(scored) { $1 }.merging(alike) { $1 }, sources: sources,
      behind: Array(rehearsals.values))
    return (result, choices)
  }

  /// The candidates that rehearsals fix for every method at a number of labels that is too small to choose by; empty if
  /// it is not.
  package func rehearsedCandidates(
    _ share: Share, isStopped: @escaping @Sendable () -> Bool = { false }
  ) throws -> [TransferMethod: Candidate] {
    let store = MemoryStore()
    let records = try trainMissing(
      rehearsalJobs(), again: [], .rehearsals, store, LocalExchange(store), isStopped, { _ in })
    let choices = RehearsalChoices(records)
    var candidates: [TransferMethod: Candidate] = [:]
    for pair in pairs {
      for method in options.methods { candidates[method] = choices.setting(method, share, pair, self)?.candidate }
    }
    return candidates
  }

  /// Notes that the study's comparisons have been looked at.
  ///
  /// - Returns: The smaller numbers of seeds with which any of them was looked at before, rising.
  private func look(_ choices: RehearsalChoices, in store: any TrialStore) throws -> [Int] {
    let compared = comparisons(choices)
    let earlier = StudyLook.earlier(than: options.seeds.count, in: try store.looks(at: compared))
    let now = Date().timeIntervalSince1970.rounded()
    try store.save(compared.map { StudyLook(comparison: $0, seeds: options.seeds.count, created: now) })
    return earlier
  }

  /// The first trial of every comparison, by which a later look at it is known.
  private func comparisons(_ choices: RehearsalChoices) -> [String] {
    pairs.flatMap { pair in
      options.shares.flatMap { share in
        methods(for: pair).filter { $0 != .scratch }.compactMap { method in
          measurements(of: method, share, pair, choices).first?.trial.id
        }
      }
    }.firstOccurrences
  }

  private func trainMissing(
    _ jobs: [any StudyJob], again: Set<String>, _ phase: StudyPhase, _ store: any TrialStore,
    _ exchange: any TrialExchange,
    _ isStopped: @escaping @Sendable () -> Bool, _ report: @escaping @Sendable (StudyEvent) -> Void
  ) throws -> [String: TrialRecord] {
    let known = try store.records(of: jobs.map(\.trial.id))
    let rest = jobs.filter { known[$0.trial.id] == nil || again.contains($0.trial.id) }
    // The longest first, so that the cores end together.
    let open = rest.enumerated().sorted { ($1.element.steps, $0.offset) < ($0.element.steps, $1.offset) }.map(\.element)
    report(
      .phase(
        phase, trials: jobs.count, known: jobs.count - open.count, steps: open.reduce(0) { $0 + $1.steps }))
    let trials = open.map(\.trial)
    // A worker is one job of the pool, which stops no job that runs: after an error the others would train all that is left.
    let hasFailed = Mutex(false)
    let worker = WorkerPool.Job {
      while !isStopped(), !hasFailed.withLock({ $0 }), let index = try exchange.take(from: trials) {
        report(.began(trials[index]))
        do {
          let outcome = try open[index].outcome()
          let record = TrialRecord(
            trial: trials[index], outcome: outcome, created: Date().timeIntervalSince1970.rounded(),
            version: options.version, machine: options.machine)
          try exchange.finish(record)
          report(.ended(record, steps: open[index].steps))
        } catch {
          hasFailed.withLock { $0 = true }
          throw error
        }
      }
    }
    let ran = Result {
      try WorkerPool(threads: options.threads).run(
        Array(repeating: worker, count: min(options.threads, open.count)))
    }
    let isEnded = open.isEmpty || !isStopped()
    // Also if it was stopped or failed: the exchange is then ready for the next call.
    let finished = Result { try exchange.collect(trials) }
    try ran.get()
    guard isEnded else { throw StudyStopped() }
    let records = known.merging(try finished.get()) { _, new in new }
    models.note(records.values)
    return records
  }
}

/// The error of a study that was asked to stop: its finished trials are kept, and the same study goes on from there.
public struct StudyStopped: Failure {
  /// Creates the error.
  package init() {}

  /// The same study goes on with the next call.
  public var kind: FailureKind { .resumable }
  /// The error in one line.
  public var description: String { "the study was stopped; what is finished is kept" }
}
