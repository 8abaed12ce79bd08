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
  /// The way in which the trial finds its setting.
  let choice: SettingChoice
  /// Whether the model is kept beside its answers; no part of the trial's identity.
  let keepsModel: Bool
  let options: StudyOptions
  let models: SourceModels
  let bodies: PublishedBodies
  /// The published body of the study's pair; nil for any other source.
  private let published: SourceReference?
  let trial: Trial

  init(
    _ pair: StudyPair, method: TransferMethod, share: Share, seed: UInt64, source: SourceReference?,
    choice: SettingChoice, keepsModel: Bool, _ options: StudyOptions, models: SourceModels, bodies: PublishedBodies
  ) {
    var options = options
    if let control = pair.control, method == .scratch {
      (options.architecture, options.recipe) = (control.architecture, control.recipe)
      target = control.target
    } else {
      target = pair.target
    }
    self.bodies = bodies
    published = pair.control == nil ? nil : source
    isSameData = pair.source.isSameData(as: pair.target)
    self.method = method
    // The source as it stands learns from no label.
    self.share = method == .untouched ? .all : share
    self.seed = seed
    self.source = method.usesSource ? source : nil
    self.choice = choice
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
    } else {
      choice.write(to: &identity)
    }
    if published != nil, method == .randomFrozen { identity["body_seed"] = .string("\(PublishedBodies.randomSeed)") }
    trial = Trial(
      .measurement, source: method.usesSource ? pair.source.name : nil, target: target.name,
      method: method.description, share: self.share, seed: seed, testDigest: pair.target.testDigest, identity: identity)
  }

  private var settings: TrainingSettings { options.settings(seed: seed, images: target.images(share)) }
  private var solvesHead: Bool { method.trainsHeadAlone(in: options.architecture) }

  /// Whether the trial is a head on features of a published body.
  private var isBehindBody: Bool { published != nil && solvesHead }

  var network: JobNetwork {
    guard let body = published?.checkpoint?.model else { return .study }
    if solvesHead { return .features }
    if method == .scratch { return .control }
    return .body(weight: StudyControl.passes(for: body))
  }

  /// The number of trainings by which the setting is chosen, and the temperature fitted.
  private var trials: Int {
    let folds = CrossFitting.folds(fewestPerClass: target.fewestPerClass(share))
    return switch choice {
    case .rehearsed: folds
    case .validated: Candidate.count
    case .crossValidated: folds * Candidate.count
    case .recipe: 0
    }
  }

  var steps: Int {
    if method == .untouched || isBehindBody { return 1 }
    switch network {
    case .control: return settings.epochs * target.images(share) * (1 + trials)
    case .body(let weight): return settings.epochs * target.images(share) * (1 + trials) * weight
    case .study, .features: break
    }
    let perEpoch = settings.steps(of: target.images(share))
    // A solved head takes about as long as a quarter of the steps.
    let trained = settings.epochs * perEpoch / (solvesHead ? 4 : 1)
    return trained * (1 + trials)
  }

  var evaluations: Int { solvesHead || method == .untouched ? 1 : MeasuredEpochs(of: settings.epochs).count }

  /// Layers are compared model by model: without one of them there is nothing to compare.
  var endsStudyIfDiverged: Bool { options.comparesLayers }

  func run() throws -> TrialOutcome {
    if method == .untouched { return try untouchedOutcome() }
    if isBehindBody, let published { return try outcome(behind: published) }
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
    var candidate = Candidate(.rate(settings.learningRate, weightDecay: settings.weightDecay))
    switch choice {
    case .rehearsed(let fixed): candidate = fixed.candidate
    case .validated:
      (candidate, choices) = try plan.choosing(
        among: Candidate.all(for: plan, images: drawn.count), on: drawn, outputs: outputs,
        normalization: target.normalization,
        seed: seed)
    case .crossValidated:
      let found = try plan.crossValidating(
        among: Candidate.all(for: plan, images: drawn.count), on: drawn, outputs: outputs,
        normalization: target.normalization, seed: seed)
      if let found { (candidate, choices) = found }
    case .recipe: break
    }
    var chosen = plan
    chosen.settings = candidate.applied(to: plan.settings)
    let temperature: Double
    if case .rehearsed(let fixed) = choice {
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

  /// The outcome of a head on features that were computed for the whole study.
  private func outcome(behind published: SourceReference) throws -> TrialOutcome {
    let features = try bodies.features(
      method.rule == .randomFrozen ? .random : .source, of: published.model(among: models), digest: published.identity,
      on: target)
    let labelled = features.training(try target.data.train.indices(of: share, seed: seed))
    let settings = options.settings(seed: seed, images: labelled.count)
    let classCount = target.outputs.count
    let clock = ContinuousClock()
    let begin = clock.now
    var choices: [TrialOutcome.Choice] = []
    var candidate = Candidate(.strength(Candidate.probeStrength(images: labelled.count)))
    if case .crossValidated = choice {
      let candidates = Candidate.behindPublishedBody(images: labelled.count)
      let folds = Dataset.folds(
        CrossFitting.folds(fewestPerClass: target.fewestPerClass(share)), of: labelled.labels, classCount: classCount,
        seed: seed)
      choices = try HeadCrossValidation(labelled, classCount: classCount, folds: folds, settings).tried(candidates)
      candidate = candidates[choices.firstIndex(where: \.isChosen) ?? 0]
    }
    let choosing = (clock.now - begin) / .seconds(1)
    let start = clock.now
    var solver = HeadSolver(
      HeadCrossValidation.head(for: labelled, classCount: classCount), on: labelled,
      smoothing: settings.loss.smoothing, classWeights: settings.classWeights)
    let solution = try solver.solve(strength: candidate.strength(images: labelled.count))
    // A training that shares nothing would have to see its own pictures.
    let seconds = (clock.now - start) / .seconds(1) + Double(labelled.count) * features.secondsPerPicture
    var recorder = OutcomeRecorder(features.test, classes: target.outputs.classes)
    try recorder.record(
      TransferPlan.Point(epoch: solution.iterations, seconds: seconds, trainLoss: nil, model: solution.model))
    return try recorder.outcome(
      of: solution.model, choices: choices, choosingSeconds: choosing,
      temperature: choices.first(where: \.isChosen)?.temperature ?? 1)
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

/// The way in which a trial finds its setting.
enum SettingChoice: Sendable {
  /// Rehearsals fixed it beforehand on other data.
  case rehearsed(RehearsedSetting)
  /// The best of the candidates on a part of the trial's own images.
  case validated
  /// The best of the candidates by cross-validation on the trial's own images.
  case crossValidated
  /// As the recipe has it; a head that is solved gets the usual strength.
  case recipe

  /// Writes what it decides about a trial.
  func write(to identity: inout JSON.Object) {
    switch self {
    case .rehearsed(let fixed):
      identity["setting"] = .string(fixed.candidate.description)
      identity["temperature"] = .number(fixed.temperature)
    case .validated:
      identity["candidates"] = "all"
      identity["validation"] = .number(Candidate.validationShare)
    case .crossValidated:
      identity["candidates"] = "all"
      identity["folds"] = .integer(CrossFitting.mostFolds)
    case .recipe: identity["setting"] = "the recipe's"
    }
  }

  /// The word for it in a study's output.
  var origin: Tuning.Origin {
    switch self {
    case .rehearsed: .rehearsal
    case .validated: .validation
    case .crossValidated: .crossValidation
    case .recipe: .recipe
    }
  }
}
