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
  let bodies: PublishedBodies
  private let isPublished: Bool
  let trial: Trial

  init(
    _ pair: StudyPair, share: Share, seed: UInt64, source: SourceReference, _ options: StudyOptions,
    models: SourceModels, bodies: PublishedBodies
  ) {
    self.bodies = bodies
    isPublished = pair.control != nil
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

  var network: JobNetwork { isPublished ? .features : .study }

  func run() throws -> TrialOutcome {
    let checkpoint = try source.model(among: models)
    let clock = ContinuousClock()
    let begin = clock.now
    let view: SourceView
    let test: Matrix
    if isPublished {
      let features = try bodies.features(.source, of: checkpoint, digest: source.identity, on: target)
      view = SourceView(
        of: checkpoint, behindBody: features.training(try target.data.train.indices(of: share, seed: seed)),
        classCount: target.outputs.count)
      test = features.test.inputs.matrix
    } else {
      let labelled = try Examples(
        target.data.train.share(share, seed: seed), outputs: target.outputs, normalization: target.normalization)
      view = SourceView(of: checkpoint, on: labelled, classCount: target.outputs.count)
      test = checkpoint.model.bodyFeatures(of: target.test.inputs)
    }
    let scores = TransferScores(view)
    let means = NearestMean(features: view.features, labels: view.labels, classCount: view.classCount)
    let answers = means.answers(test)
    return TrialOutcome(
      answers: answers.map { target.outputs.classes[$0] },
      correct: zip(answers, target.test.labels).count { $0 == $1 }, loss: 0, history: [], choices: [],
      seconds: (clock.now - begin) / .seconds(1), choosingSeconds: 0, checkpointDigest: nil,
      diagnosis: Diagnosis(scores: scores))
  }
}
