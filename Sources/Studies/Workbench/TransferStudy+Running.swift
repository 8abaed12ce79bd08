import Files
import Foundation
import Matrices
import Networks
import Synchronization
import Training

extension TransferStudy {
  /// Trains whatever is not in the store yet, in three lists: rehearsals, sources, measurements. Each list's trials are
  /// independent of each other; which worker trains what changes no bit of any outcome.
  ///
  /// - Parameters:
  ///   - store: Every trial is kept there as soon as it is finished.
  ///   - isStopped: Asked before each trial; when it says so no further one begins, and ``StudyStopped`` is thrown when the
  ///     running ones are kept.
  public func run(
    in store: any TrialStore, exchange: (any TrialExchange)? = nil,
    isStopped: @escaping @Sendable () -> Bool = { false },
    report: @escaping @Sendable (StudyEvent) -> Void = { _ in }
  ) throws -> StudyResult {
    let exchange = exchange ?? LocalExchange(store)
    func train(_ phase: StudyPhase, _ jobs: [any StudyJob]) throws -> [String: TrialRecord] {
      try trainMissing(jobs, phase, store, exchange, isStopped, report)
    }
    for pair in pairs { try store.save(pair.target.testSet) }
    let rehearsals = try train(.rehearsals, rehearsalJobs())
    let choices = RehearsalChoices(rehearsals)
    let measurements = measurementJobs(choices)
    // A source is needed only where something that starts from it is not finished.
    let missing = try unfinished(measurements, in: store)
    let needed = Set(missing.compactMap { $0.source?.identity })
    let sources = sourceJobs().filter { needed.contains($0.trial.id) }
    let known = try store.records(of: sources.map(\.trial.id))
    let absent = sources.filter { job in known[job.trial.id].map { !models.load($0) } ?? true }
    for domain in sources.map(\.domain) { try store.save(domain.testSet) }
    _ = try train(.sources, absent)
    let measured = try train(.measurements, measurements)
    let trained = try store.records(of: sourceJobs().map(\.trial.id))
    return StudyResult(self, choices, measured, behind: Array(rehearsals.values) + trained.values)
  }

  private func unfinished<Job: StudyJob>(_ jobs: [Job], in store: any TrialStore) throws -> [Job] {
    let known = try store.records(of: jobs.map(\.trial.id))
    return jobs.filter { known[$0.trial.id] == nil }
  }

  private func trainMissing(
    _ jobs: [any StudyJob], _ phase: StudyPhase, _ store: any TrialStore, _ exchange: any TrialExchange,
    _ isStopped: @escaping @Sendable () -> Bool, _ report: @escaping @Sendable (StudyEvent) -> Void
  ) throws -> [String: TrialRecord] {
    let known = try store.records(of: jobs.map(\.trial.id))
    // A source whose file is lost is trained again although its record is there.
    let rest = phase == .sources ? jobs : jobs.filter { known[$0.trial.id] == nil }
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
          let outcome = try open[index].run()
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
    // Also where it was stopped or failed: the exchange is then ready for the next call.
    let finished = Result { try exchange.collect(trials) }
    try ran.get()
    guard isEnded else { throw StudyStopped() }
    return known.merging(try finished.get()) { _, new in new }
  }
}

/// A study that was asked to stop: what is finished is kept, and the same study goes on from there.
public struct StudyStopped: Error, Sendable {
  public init() {}
}
