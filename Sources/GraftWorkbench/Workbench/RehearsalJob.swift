import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining

/// The other data, on which settings are fixed if labels are too few for a validation split: digits that were never
/// written.
///
/// A rehearsal has as many classes on each side as the study, up to five: the sources are even digits, the targets odd
/// ones. It knows nothing of the study's images, so the choice costs none of their labels and owes nothing to the test
/// set.
package struct RehearsalData: Sendable {
  let shape: ImageShape
  private let digits: DatasetPair

  /// The seed of the digits, not the built-in data set's: a study of synthetic digits must not be rehearsed on its own
  /// test images.
  static let generatorSeed: UInt64 = 1
  static let trainImages = 20_000
  static let testImages = 4_000
  /// The most labelled images of a class; every digit has nearly twice as many.
  static let mostPerClass = 1_000
  /// The rehearsals' seeds, far from every study's own.
  static let seeds: [UInt64] = (0..<10).map { 1_000_000 + $0 }

  /// Draws the digits, as images of `shape`.
  package init(shape: ImageShape, threads: Int) throws {
    self.shape = shape
    let drawn = DatasetPair.syntheticDigits(
      seed: RehearsalData.generatorSeed, train: RehearsalData.trainImages, test: RehearsalData.testImages,
      threads: threads)
    digits = try drawn.brought(to: shape)
  }

  static func sourceClasses(_ count: Int) -> [Int] { (0..<min(count, 5)).map { 2 * $0 } }
  static func targetClasses(_ count: Int) -> [Int] { (0..<min(count, 5)).map { 2 * $0 + 1 } }

  func domain(_ classes: [Int]) throws -> StudyDomain {
    let text = classes.map(String.init).joined(separator: ",")
    return try StudyDomain(digits, selecting: ClassSelection(parsing: text, of: digits.train.classNames.count))
  }

  /// The identity of the digits without making the images: they follow from these numbers.
  static func identity(_ classes: [Int], shape: ImageShape) -> JSON {
    [
      "data": "synthetic", "classes": .array(classes.map(JSON.integer)), "shape": .string(shape.description),
      "generator_seed": .integer(Int(generatorSeed)), "train_images": .integer(trainImages),
      "test_images": .integer(testImages),
    ]
  }
}

/// A job that tries every candidate of a method at one number of labels on the rehearsal's digits.
struct RehearsalJob: StudyJob {
  let method: TransferMethod
  let labelsPerClass: Int
  let sourceClasses: [Int]
  let targetClasses: [Int]
  let shape: ImageShape
  let seed: UInt64
  let options: StudyOptions
  let world: RehearsalWorld
  let trial: Trial

  init(
    _ method: TransferMethod, labelsPerClass: Int, sourceClassCount: Int, targetClassCount: Int, shape: ImageShape,
    seed: UInt64, _ options: StudyOptions, world: RehearsalWorld
  ) {
    self.method = method
    self.labelsPerClass = labelsPerClass
    sourceClasses = RehearsalData.sourceClasses(sourceClassCount)
    targetClasses = RehearsalData.targetClasses(targetClassCount)
    self.shape = shape
    self.seed = seed
    self.options = options
    self.world = world
    var identity = JSON.Object()
    identity["revision"] = .integer(StudyOptions.revision)
    identity["method"] = .string(method.description)
    identity["model"] = .string(options.architecture.description)
    identity["target"] = RehearsalData.identity(targetClasses, shape: shape)
    if method.usesSource {
      identity["source"] = RehearsalData.identity(sourceClasses, shape: shape)
      identity["source_settings"] = .object(options.recipe.settings(seed: TransferPlan.sourceSeed(seed)).json)
    }
    identity["labels_per_class"] = .integer(labelsPerClass)
    identity["seed"] = .string("\(seed)")
    identity["settings"] = options.settingsIdentity
    identity["candidates"] = "all"
    func name(_ classes: [Int]) -> String { "synthetic:" + classes.map(String.init).joined(separator: ",") }
    trial = Trial(
      .rehearsal, source: method.usesSource ? name(sourceClasses) : nil, target: name(targetClasses),
      method: method.description, share: .perClass(labelsPerClass), seed: seed, testDigest: "", identity: identity)
  }

  /// Labelled images.
  var images: Int { labelsPerClass * targetClasses.count }

  var steps: Int { Candidate.count * options.settings(seed: seed, images: images).epochs }

  var evaluations: Int { Candidate.count }

  var endsStudyIfDiverged: Bool { true }

  func run() throws -> TrialOutcome {
    let target = try world.domain(targetClasses)
    let labelled = try target.data.train.share(.perClass(labelsPerClass), seed: seed)
    let settings = options.settings(seed: seed, images: labelled.count)
    var start = Model(
      options.architecture, inputShape: target.shape, classCount: target.outputs.count, seed: seed)
    if method.usesSource {
      start = try world.source(sourceClasses, seed: seed, options).replacingHead(
        classCount: target.outputs.count, seed: seed)
    }
    let plan = try method.plan(from: start, settings, solvesHeads: true)
    let clock = ContinuousClock()
    let begin = clock.now
    let choices = try CandidateTrials(
      plan: plan, candidates: Candidate.all(for: plan, images: labelled.count),
      train: Examples(labelled, outputs: target.outputs, normalization: target.normalization), validation: target.test
    ).run()
    return TrialOutcome(
      answers: [], correct: 0, loss: 0, history: [], choices: choices, seconds: 0,
      choosingSeconds: (clock.now - begin) / .seconds(1), checkpointDigest: nil)
  }
}
