import Files
import Foundation
import Matrices
import Networks
import Synchronization
import Training

extension TransferStudy {
  /// Trains whatever is not in the store yet, list by list: rehearsals, sources, scores, measurements, and where layers are
  /// compared similarities. Each list's trials are independent of each other; which worker trains what changes no bit of any
  /// outcome.
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
    func train(_ phase: StudyPhase, _ jobs: [any StudyJob], again: Set<String> = []) throws -> [String: TrialRecord] {
      try trainMissing(jobs, again: again, phase, store, exchange, isStopped, report)
    }
    for pair in pairs { try store.save(pair.target.testSet) }
    let rehearsals = try train(.rehearsals, rehearsalJobs())
    let choices = RehearsalChoices(rehearsals)
    let measurements = measurementJobs(choices)
    let scores = scoreJobs()
    let similarities = similarityJobs(choices)
    // A model is needed only where something that reads it is not finished; one whose file is lost is trained again although
    // its record is there.
    let compared = Set(try unfinished(similarities, in: store).flatMap { $0.compared.map(\.source.identity) })
    let lost = try lostModels(of: measurements.filter { compared.contains($0.trial.id) }, in: store)
    let open = try unfinished(measurements, in: store) + measurements.filter { lost.contains($0.trial.id) }
    let needed = compared.union(open.compactMap { $0.source?.identity })
      .union(try unfinished(scores, in: store).map(\.source.identity))
    let sources = sourceJobs().filter { needed.contains($0.trial.id) }
    for domain in sources.map(\.domain) { try store.save(domain.testSet) }
    let lostSources = try lostModels(of: sources, in: store)
    let known = try store.records(of: sources.map(\.trial.id))
    let made = try train(
      .sources, sources.filter { lostSources.contains($0.trial.id) || known[$0.trial.id] == nil }, again: lostSources)
    let scored = try train(.scores, scores)
    let measured = try train(.measurements, measurements, again: lost)
    let alike = similarities.isEmpty ? [:] : try train(.similarities, similarities)
    let trained = try store.records(of: sourceJobs().map(\.trial.id)).merging(made) { $1 }
    return StudyResult(
      self, choices, measured.merging(scored) { $1 }.merging(alike) { $1 }, sources: trained,
      behind: Array(rehearsals.values))
  }

  /// Of the trials that are finished, those whose model is gone.
  private func lostModels<Job: StudyJob>(of jobs: [Job], in store: any TrialStore) throws -> Set<String> {
    let known = try store.records(of: jobs.map(\.trial.id))
    return Set(known.values.filter { !models.load($0) }.map(\.id))
  }

  private func unfinished<Job: StudyJob>(_ jobs: [Job], in store: any TrialStore) throws -> [Job] {
    let known = try store.records(of: jobs.map(\.trial.id))
    return jobs.filter { known[$0.trial.id] == nil }
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
