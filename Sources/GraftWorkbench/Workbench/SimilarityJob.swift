import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining

/// A job that compares the models of one seed with each other, hidden layer by hidden layer, on the target's test
/// images.
///
/// The models are the source, the network trained from scratch, each method's model, and the next seed's network from
/// scratch as the measure of how alike two trainings are that share nothing but their task.
struct SimilarityJob: StudyJob {
  /// A model of the study, by the trial that made it.
  struct Model: Sendable {
    let name: String
    let source: SourceReference
  }

  let target: StudyDomain
  let compared: [Model]
  let options: StudyOptions
  let models: SourceModels
  let trial: Trial

  /// The most images that are compared, enough for 500 units: CKA is biased upwards if images are fewer than units
  /// (Murphy, Zylberberg and Fyshe, 2024).
  static let mostImages = 2_000

  init(
    _ pair: StudyPair, share: Share, seed: UInt64, _ compared: [Model], _ options: StudyOptions, models: SourceModels
  ) {
    target = pair.target
    self.compared = compared
    self.options = options
    self.models = models
    var identity = JSON.Object()
    identity["revision"] = .integer(StudyOptions.revision)
    identity["target"] = target.identity
    identity["images"] = .integer(SimilarityJob.mostImages)
    identity["models"] = .array(compared.map { [.string($0.name), .string($0.source.identity)] })
    trial = Trial(
      .similarity, source: pair.source.name, target: target.name, method: "cka", share: share, seed: seed,
      testDigest: target.testDigest, identity: identity)
  }

  var steps: Int { 20 * compared.count * compared.count }

  var evaluations: Int { compared.count }

  var endsStudyIfDiverged: Bool { true }

  func run() throws -> TrialOutcome {
    let clock = ContinuousClock()
    let begin = clock.now
    let images = target.test.prefix(SimilarityJob.mostImages)
    let checkpoints = try compared.map { try $0.source.model(among: models).model }
    var similarities: [LayerSimilarity] = []
    for layer in 1...options.architecture.body.count {
      let features = checkpoints.map { CenteredFeatures($0.hiddenFeatures(of: images.inputs, layer: layer)) }
      for one in compared.indices {
        for other in compared.indices where other > one {
          similarities.append(
            LayerSimilarity(
              one: compared[one].name, other: compared[other].name, layer: layer,
              value: features[one].similarity(to: features[other])))
        }
      }
    }
    return TrialOutcome(
      answers: [], correct: 0, loss: 0, history: [], choices: [], seconds: (clock.now - begin) / .seconds(1),
      choosingSeconds: 0, checkpointDigest: nil, diagnosis: Diagnosis(similarities: similarities))
  }
}
