import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining

/// The job of one method on one draw of labelled images: a row of the study's table is the mean over such jobs.
struct MeasurementJob: StudyJob {
  let target: StudyDomain
  /// Whether the source's classes are of the target's data set.
  private let isSameData: Bool
  let method: TransferMethod
  let share: Share
  let seed: UInt64
  /// The trial or file that the source's weights come from; nil if the method uses none.
  let source: SourceReference?
  /// The setting that a rehearsal fixed beforehand; nil if the trial chooses on a part of its own images.
  let fixed: RehearsedSetting?
  /// Whether the model is kept beside its answers; no part of the trial's identity.
  let keepsModel: Bool
  let options: StudyOptions
  let models: SourceModels
  let trial: Trial

  init(
    _ pair: StudyPair, method: TransferMethod, share: Share, seed: UInt64, source: SourceReference?,
    fixed: RehearsedSetting?, keepsModel: Bool, _ options: StudyOptions, models: SourceModels
  ) {
    target = pair.target
    isSameData = pair.source.isSameData(as: pair.target)
    self.method = method
    // The source as it stands learns from no label.
    self.share = method == .untouched ? .all : share
    self.seed = seed
    self.source = method.usesSource ? source : nil
    self.fixed = fixed
    self.keepsModel = keepsModel
    self.options = options
    self.models = models
    var identity = JSON.Object()
    identity["revision"] = .integer(StudyOptions.revision)
    identity["method"] = .string(method.description)
    identity["model"] = .string(options.architecture.description)
    identity["target"] = target.identity
    identity["share"] = .string(self.share.description)
    identity["seed"] = .string("\(seed)")
    if method != .untouched { identity["settings"] = options.settingsIdentity }
    if let source = self.source {
      identity["source"] = .string(source.identity)
      identity["head"] = .string(options.head?.rawValue ?? "automatic")
    }
    if method == .untouched {
      identity["outputs"] = "the source's"
    } else if let fixed {
      identity["setting"] = .string(fixed.candidate.description)
      identity["temperature"] = .number(fixed.temperature)
    } else {
      identity["candidates"] = "all"
      identity["validation"] = .number(Candidate.validationShare)
    }
    trial = Trial(
      .measurement, source: method.usesSource ? pair.source.name : nil, target: target.name,
      method: method.description, share: self.share, seed: seed, testDigest: target.testDigest, identity: identity)
  }

  private var settings: TrainingSettings { options.settings(seed: seed, images: target.images(share)) }
  private var solvesHead: Bool { method.trainsHeadAlone(in: options.architecture) }

  var steps: Int {
    if method == .untouched { return 1 }
    let perEpoch = settings.steps(of: target.images(share))
    // A solved head takes about as long as a quarter of the steps.
    let trained = settings.epochs * perEpoch / (solvesHead ? 4 : 1)
    return trained
      * (fixed == nil ? 1 + Candidate.count : 1 + CrossFitting.folds(fewestPerClass: target.fewestPerClass(share)))
  }

  var evaluations: Int { solvesHead || method == .untouched ? 1 : MeasuredEpochs(of: settings.epochs).count }

  func run() throws -> TrialOutcome {
    if method == .untouched { return try untouchedOutcome() }
    let drawn = try target.data.train.share(share, seed: seed)
    let settings = options.settings(seed: seed, images: drawn.count)
    let (start, outputs) = try startingModel()
    func examples(_ dataset: Dataset) throws -> Examples {
      try Examples(dataset, outputs: outputs, normalization: target.normalization)
    }
    var plan = try method.plan(from: start, settings, solvesHeads: true)
    if plan.measuresNorms { plan = plan.ready(on: try examples(drawn)) }
    let clock = ContinuousClock()
    let begin = clock.now
    var choices: [TrialOutcome.Choice] = []
    let candidate: Candidate
    if let fixed {
      candidate = fixed.candidate
    } else {
      (candidate, choices) = try plan.choosing(
        among: Candidate.all(for: plan, images: drawn.count), on: drawn, outputs: outputs,
        normalization: target.normalization,
        seed: seed)
    }
    var chosen = plan
    chosen.settings = candidate.applied(to: plan.settings)
    let temperature: Double
    if let fixed {
      let fitting = CrossFitting(
        plan: chosen, candidate: candidate, outputs: outputs, normalization: target.normalization, seed: seed)
      temperature = try fitting.temperature(on: drawn, expected: fixed.temperature)
    } else {
      temperature = choices.first(where: \.isChosen)?.temperature ?? 1
    }
    let choosing = (clock.now - begin) / .seconds(1)
    let measured = MeasuredEpochs(of: chosen.epochs)
    var recorder = try OutcomeRecorder(target, outputs: outputs)
    let model = try chosen.run(
      on: examples(drawn), strength: candidate.strength(images: drawn.count), watches: { measured.contains($0) },
      report: { try recorder.record($0) })
    let digest =
      keepsModel
      ? try models.keep(
        Checkpoint(model: model, normalization: target.normalization, outputs: outputs, record: trial.identity),
        as: trial.id,
        isReadOften: false) : nil
    return try recorder.outcome(
      of: model, choices: choices, choosingSeconds: choosing, temperature: temperature,
      sourceTask: try source.flatMap { try $0.task(after: model, models) }, checkpointDigest: digest)
  }

  /// The source's own answers: all its outputs compete if it has learnt the target's classes, else only the outputs of
  /// the head that is kept.
  private func untouchedOutcome() throws -> TrialOutcome {
    guard let source else { throw GraftFailure(.internalError, "\(trial.id) has no source to ask") }
    let checkpoint = try source.model(among: models)
    let knowsAll = target.selection.classes.allSatisfy(checkpoint.outputs.trained.contains)
    let (model, outputs) = try knowsAll ? (checkpoint.model, checkpoint.outputs) : startingModel()
    var recorder = try OutcomeRecorder(target, outputs: outputs)
    try recorder.record(TransferPlan.Point(epoch: 0, seconds: 0, trainLoss: nil, model: model))
    return try recorder.outcome(of: model)
  }

  private func startingModel() throws -> (model: Model, outputs: ClassOutputs) {
    let chosen = target.selection.classes
    let names = target.data.train.classNames
    guard let source else {
      let outputs = ClassOutputs(.compact, choosing: chosen, of: names)
      let model = Model(
        options.architecture, inputShape: target.shape, classCount: outputs.count, seed: seed)
      return (model, outputs)
    }
    return try source.model(among: models).adapted(
      to: chosen, of: names, head: options.head, isSameData: isSameData, seed: seed)
  }
}
