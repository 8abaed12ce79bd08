import GraftData
import GraftFiles
import GraftNetworks
import GraftStatistics
import GraftTraining

/// A forecast of a study: its trials, and the time that they will take.
package struct StudyForecast: Sendable {
  /// The trials of one phase.
  package struct Phase: Sendable {
    /// The phase.
    package let phase: StudyPhase
    /// The number of trials.
    package let trials: Int
    /// The number of trials that are already in the store.
    package let known: Int
    /// Steps of the trainings that are left.
    let steps: Int
    /// Measurements on test images that are left.
    let evaluations: Int
    /// Steps behind a published body that are left, of its small control and of itself, and whether its features are read.
    let published: PublishedWork
  }

  /// The study's options.
  package let options: StudyOptions
  /// The source and the target of each pair, with the number of images of the target's smallest class.
  package let pairs: [(source: String, target: String, smallestClass: Int)]
  /// The network of scratch if it is another one than the study's.
  package let control: StudyControl?
  /// The phases in the order in which they run.
  package let phases: [Phase]
  /// The seeds needed by each comparison of which the store has two seeds or more already.
  package let seedPlans: [(source: String, target: String, share: Share, method: TransferMethod, plan: SeedPlan)]
  /// Seconds that all the rest will take on as many cores as the study may take, from some steps and one measurement
  /// timed now.
  package let seconds: Double
  /// Bytes that all the rest will take on the disk: models that are kept, and the answers and histories of trials.
  package let bytes: Int

  /// Forecasts a study.
  ///
  /// - Parameters:
  ///   - store: Nil if there is none yet.
  ///   - isTimed: Whether a few steps are trained to say how long the rest takes; if not, `seconds` is 0.
  package init(_ study: TransferStudy, in store: (any TrialStore)?, isTimed: Bool = true) throws {
    options = study.options
    pairs = study.pairs.map { ($0.source.name, $0.target.name, $0.target.smallestClass) }
    control = study.pairs.lazy.compactMap(\.control).first
    let store = store ?? MemoryStore()
    func phase<Job: StudyJob>(_ phase: StudyPhase, _ jobs: [Job], again: Set<String> = []) throws -> Phase {
      let records = try store.records(of: jobs.map(\.trial.id))
      let open = jobs.filter { records[$0.trial.id] == nil || again.contains($0.trial.id) }
      return Phase(
        phase: phase, trials: jobs.count, known: jobs.count - open.count,
        steps: open.reduce(0) { $0 + $1.ownSteps }, evaluations: open.reduce(0) { $0 + $1.ownEvaluations },
        published: PublishedWork(open))
    }
    let rehearsals = study.rehearsalJobs()
    let records = try store.records(of: rehearsals.map(\.trial.id))
    // A trial that is not rehearsed yet has no setting, and without one it is in no store.
    let work = try OpenWork(study, records.count == rehearsals.count ? RehearsalChoices(records) : nil, in: store)
    let sources = study.sourceJobs()
    var phases = [
      try phase(.rehearsals, rehearsals),
      Phase(
        phase: .sources, trials: sources.count, known: sources.count - work.sources.count,
        steps: work.sources.reduce(0) { $0 + $1.steps }, evaluations: work.sources.reduce(0) { $0 + $1.evaluations },
        published: PublishedWork([])),
      try phase(.scores, work.scores), try phase(.measurements, work.measurements, again: work.lost),
    ]
    if !work.similarities.isEmpty { phases.append(try phase(.similarities, work.similarities)) }
    self.phases = phases
    seedPlans = try StudyForecast.seedPlans(
      study, records.count == rehearsals.count ? RehearsalChoices(records) : nil, in: store)
    seconds = isTimed ? try StudyForecast.seconds(phases, study) : 0
    bytes = try StudyForecast.bytes(phases, work, study)
  }

  /// The seeds needed, judging by the seeds at hand. Gains are not told: that would be to look at the study.
  private static func seedPlans(
    _ study: TransferStudy, _ choices: RehearsalChoices?, in store: any TrialStore
  ) throws -> [(source: String, target: String, share: Share, method: TransferMethod, plan: SeedPlan)] {
    let rows = study.pairs.flatMap { pair in
      study.options.shares.flatMap { share in
        study.methods(for: pair).filter { $0 != .scratch }.map { (pair: pair, share: share, method: $0) }
      }
    }
    // As if nothing were shown: Holm's first step.
    let level = JudgedComparison.findingLevel / Double(max(rows.count, 1))
    return try rows.compactMap { pair, share, method in
      let jobs = study.measurements(of: method, share, pair, choices)
      let controls = study.measurements(of: .scratch, share, pair, choices)
      let records = try store.records(of: (jobs + controls).map(\.trial.id))
      let both = zip(jobs, controls).compactMap { job, control in
        records[job.trial.id].flatMap { own in
          records[control.trial.id].flatMap { control in
            // A trial that diverged has no answers.
            own.outcome.isDiverged || control.outcome.isDiverged ? nil : (own.outcome.answers, control.outcome.answers)
          }
        }
      }
      guard both.count > 1 else { return nil }
      let comparison = MethodComparison(
        answers: both.map(\.0), control: both.map(\.1), labels: pair.target.testSet.labels)
      return SeedPlan(comparison, level: level).map { (pair.source.name, pair.target.name, share, method, $0) }
    }
  }

  /// Bytes of a trial in a store apart from its answers: its settings, its history, and what was tried. In studies of MNIST the largest take
  /// half of it.
  private static let bytesPerTrial = 8_192

  private static func bytes(_ phases: [Phase], _ work: OpenWork, _ study: TransferStudy) throws -> Int {
    let open = phases.reduce(0) { $0 + $1.trials - $1.known }
    let images = study.pairs.map(\.target.data.test.count).max() ?? 0
    var models = 0
    if study.options.modelFolder != nil, let target = study.pairs.first?.target {
      let parameters =
        try study.options.architecture.parameterCount(on: target.shape, classCount: target.outputs.count) ?? 0
      let kept = work.sources.count + work.measurements.count { $0.keepsModel }
      models = kept * 4 * parameters
    }
    return models + open * (images + bytesPerTrial)
  }

  private static func seconds(_ phases: [Phase], _ study: TransferStudy) throws -> Double {
    let published = try phases.map(\.published).reduce(PublishedWork([]), +).seconds(study)
    guard let target = study.pairs.first?.target, phases.contains(where: { $0.steps > 0 }) else {
      return published / Double(max(study.options.threads, 1))
    }
    let settings = study.options.recipe.transferSettings(seed: 0)
    let few = target.data.train.selecting(images: Array(0..<min(16 * settings.batchSize, target.data.train.count)))
    let examples = try Examples(few, outputs: target.outputs, normalization: target.normalization)
    let model = Model(
      study.options.architecture, inputShape: target.shape, classCount: target.outputs.count, seed: 0)
    guard let step = TrainingSession.secondsPerStep(model, on: examples, settings) else { return 0 }
    let clock = ContinuousClock()
    let middle = clock.now
    var evaluator = Evaluator(target.test, for: model)
    _ = evaluator.evaluate(model)
    let evaluation = (clock.now - middle) / .seconds(1)
    let total = phases.reduce(0) { $0 + Double($1.steps) * step + Double($1.evaluations) * evaluation }
    return (total + published) / Double(max(study.options.threads, 1))
  }
}
