import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining

/// A job that scores a source on a target's labelled images before anything is trained on them.
///
/// Its answers on the test images come from the nearest class mean among the source's features, the one classifier that
/// needs no training.
struct ScoreJob: StudyJob {
  let target: StudyDomain
  let share: Share
  let seed: UInt64
  let source: SourceReference
  let options: StudyOptions
  let models: SourceModels
  let trial: Trial

  init(
    _ pair: StudyPair, share: Share, seed: UInt64, source: SourceReference, _ options: StudyOptions,
    models: SourceModels
  ) {
    target = pair.target
    self.share = share
    self.seed = seed
    self.source = source
    self.options = options
    self.models = models
    var identity = JSON.Object()
    identity["revision"] = .integer(StudyOptions.revision)
    identity["target"] = target.identity
    identity["share"] = .string(share.description)
    identity["seed"] = .string("\(seed)")
    identity["source"] = .string(source.identity)
    trial = Trial(
      .score, source: pair.source.name, target: target.name, method: "nearest-mean", share: share, seed: seed,
      testDigest: target.testDigest, identity: identity)
  }

  /// The number of steps that take about as long as the sums over the images, and the spectrum of a matrix as wide as
  /// the features.
  var steps: Int { 50 + target.images(share) / 64 }

  var evaluations: Int { 1 }

  func run() throws -> TrialOutcome {
    let drawn = try target.data.train.share(share, seed: seed)
    let checkpoint = try source.model(among: models)
    let clock = ContinuousClock()
    let begin = clock.now
    let labelled = try Examples(drawn, outputs: target.outputs, normalization: target.normalization)
    let view = SourceView(of: checkpoint, on: labelled, classCount: target.outputs.count)
    let scores = TransferScores(view)
    let means = NearestMean(features: view.features, labels: view.labels, classCount: view.classCount)
    let answers = means.answers(checkpoint.model.bodyFeatures(of: target.test.inputs))
    return TrialOutcome(
      answers: answers.map { target.outputs.classes[$0] },
      correct: zip(answers, target.test.labels).count { $0 == $1 }, loss: 0, history: [], choices: [],
      seconds: (clock.now - begin) / .seconds(1), choosingSeconds: 0, checkpointDigest: nil,
      diagnosis: Diagnosis(scores: scores))
  }
}
