import GraftData
import GraftMatrices
import GraftNetworks
import GraftTraining

/// The work that is left behind a published body, in passes of single pictures.
struct PublishedWork: Sendable {
  /// Passes of the small control in its trainings.
  private var control = 0
  /// Passes of the whole body in trainings that change it.
  private var body = 0
  /// Measurements of the whole body on the test pictures.
  private var evaluations = 0
  /// Whether features of the pictures are read.
  private var readsFeatures = false

  init(_ jobs: [any StudyJob]) {
    for job in jobs {
      switch job.network {
      case .study: continue
      case .control: control += job.steps
      case .body(let weight):
        body += job.steps / weight
        evaluations += job.evaluations
      case .features: readsFeatures = true
      }
    }
  }

  /// The work of several lists, whose features are computed once.
  static func + (one: PublishedWork, other: PublishedWork) -> PublishedWork {
    var sum = one
    sum.control += other.control
    sum.body += other.body
    sum.evaluations += other.evaluations
    sum.readsFeatures = one.readsFeatures || other.readsFeatures
    return sum
  }

  /// Seconds that it takes one core, from a few pictures timed now.
  func seconds(_ study: TransferStudy) throws -> Double {
    guard let pair = study.pairs.first(where: { $0.control != nil }), let control = pair.control,
      case .checkpoint(let checkpoint, _, _) = pair.source
    else { return 0 }
    let model = checkpoint.model
    var seconds = 0.0
    if self.control > 0 {
      let small = Model(
        control.architecture, inputShape: control.target.shape, classCount: control.target.outputs.count, seed: 0)
      seconds +=
        try Double(self.control) * PublishedWork.training(small, on: control.target, control.recipe, images: 32)
    }
    if body > 0 {
      seconds += try Double(body) * PublishedWork.training(model, on: pair.target, study.options.recipe, images: 4)
    }
    if readsFeatures || evaluations > 0 {
      let picture = try PublishedBodies.secondsPerPicture(model, on: pair.target)
      let tests = pair.target.data.test.count
      seconds += picture * Double(evaluations * tests)
      // Once behind the source's weights, and once behind random ones.
      if readsFeatures { seconds += picture * Double(2 * (try study.bodies.drawn(from: pair.target).count + tests)) }
    }
    return seconds
  }

  /// Seconds of a training for one picture.
  private static func training(_ model: Model, on target: StudyDomain, _ recipe: Recipe, images: Int) throws -> Double {
    var settings = recipe.transferSettings(seed: 0)
    settings.batchSize = images
    let some = try Examples(
      target.data.train.spread(most: images), outputs: target.outputs, normalization: target.normalization)
    let fitting = model.replacingHead(classCount: target.outputs.count, seed: 0)
    return (TrainingSession.secondsPerStep(fitting, on: some, settings) ?? 0) / Double(some.count)
  }
}

extension StudyJob {
  /// Steps of the study's own network; 0 if another one takes the time.
  var ownSteps: Int { if case .study = network { steps } else { 0 } }
  /// Measurements of the study's own network.
  var ownEvaluations: Int { if case .study = network { evaluations } else { 0 } }
}
