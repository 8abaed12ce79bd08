import GraftData
import GraftFiles
import GraftNetworks
import GraftTraining

/// A job that trains a model for others to start from, on all images of its domain.
struct SourceJob: StudyJob {
  let domain: StudyDomain
  let seed: UInt64
  let options: StudyOptions
  let models: SourceModels
  let trial: Trial

  init(_ domain: StudyDomain, seed: UInt64, _ options: StudyOptions, models: SourceModels) {
    self.domain = domain
    self.seed = seed
    self.options = options
    self.models = models
    var identity = JSON.Object()
    identity["revision"] = .integer(StudyOptions.revision)
    identity["model"] = .string(options.architecture.description)
    identity["domain"] = domain.identity
    identity["settings"] = .object(options.recipe.settings(seed: TransferPlan.sourceSeed(seed)).json)
    trial = Trial(
      .source, source: nil, target: domain.name, method: options.recipe.description, share: .all, seed: seed,
      testDigest: domain.testDigest, identity: identity)
  }

  private var settings: TrainingSettings { options.recipe.settings(seed: TransferPlan.sourceSeed(seed)) }

  var steps: Int { settings.epochs * settings.steps(of: domain.data.train.count) }

  var evaluations: Int { 1 }

  func run() throws -> TrialOutcome {
    let examples = try Examples(domain.data.train, outputs: domain.outputs, normalization: domain.normalization)
    let fresh = Model(
      options.architecture, inputShape: domain.shape, classCount: domain.outputs.count, seed: settings.seed)
    var recorder = try OutcomeRecorder(domain, outputs: domain.outputs)
    let model = try TransferPlan(training: fresh, settings).run(
      on: examples, strength: 0, report: { try recorder.record($0) })
    let checkpoint = Checkpoint(
      model: model, normalization: domain.normalization, outputs: domain.outputs, record: trial.identity)
    let digest = try models.keep(checkpoint, as: trial.id, isReadOften: true)
    return try recorder.outcome(of: model, checkpointDigest: digest)
  }
}
