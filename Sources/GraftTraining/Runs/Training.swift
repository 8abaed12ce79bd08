import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftRanks

/// One training, from labelled images to a measured model.
///
/// `graft train` and `graft transfer`, the comparisons of a transfer with its control, and programs of one's own run it:
///
/// ```swift
/// let digits = try DatasetPair.load("mnist")
/// let even = try Training(.quick, on: digits.selecting(.even)).run()
/// print(even.accuracy)
/// ```
///
/// The same training gives the same bits at any number of threads and after any interruption.
public struct Training: Sendable {
  /// Images set aside to choose the epoch by.
  public struct Validation: Sendable, Hashable {
    /// Share of each class, greater than 0 and less than 1.
    package var share: Double
    /// Epochs without a lower loss on the validation images after which the training ends.
    package var patience: Int

    /// A share of each class to set aside, and the patience in epochs.
    public init(share: Double, patience: Int = 10) {
      self.share = share
      self.patience = patience
    }
  }

  /// The initial weights, the trainable parameters of each stage, and the settings.
  public var plan: TransferPlan
  /// The class that each output stands for.
  package var outputs: ClassOutputs
  /// The model's first step, from bytes to numbers.
  package var normalization: Normalization
  /// Training and test images of the classes in `outputs`.
  package var data: DatasetPair
  /// The part of the training images that is used. It is drawn with the settings' seed.
  public var share = Share.all
  /// Images to choose the epoch by; if nil, all images train and the last epoch's weights are the model's.
  public var validation: Validation?
  /// Cores to use. No result depends on it.
  public var threads = 1
  /// The ranks of the job that train together; nil for this process alone. Each cuts the same batches and computes its shards of them
  /// (`TrainingSettings.shards`); the first one writes.
  package var ranks: RankTeam?
  /// The name under which progress is reported.
  package var title: String
  /// The strength of the penalty of a head that is solved; if nil, it is chosen as
  /// `TransferPlan.solvingHead(on:outputs:normalization:team:)` says.
  package var headStrength: Double?
  /// Entries of the record about the model's origin: data, method, source.
  package var provenance: [(key: String, value: String)]

  package init(
    plan: TransferPlan, outputs: ClassOutputs, normalization: Normalization, data: DatasetPair, title: String,
    provenance: [(key: String, value: String)]
  ) {
    self.plan = plan
    self.outputs = outputs
    self.normalization = normalization
    self.data = data
    self.title = title
    self.provenance = provenance
  }

  /// A training from fresh weights.
  ///
  /// - Parameters:
  ///   - recipe: Settings, and the network if `architecture` is nil.
  ///   - data: Training and test images. The classes that have training images become the model's outputs.
  ///   - architecture: The network; nil takes the recipe's.
  ///   - seed: Seed of the weights, the order of the images and everything else that is drawn.
  public init(
    _ recipe: Recipe = .quick, on data: DatasetPair, architecture: Architecture? = nil, seed: UInt64 = 0
  ) {
    self.init(architecture ?? recipe.architecture, recipe.settings(seed: seed), on: data)
  }

  /// A training from fresh weights with settings of one's own.
  public init(_ architecture: Architecture, _ settings: TrainingSettings, on data: DatasetPair) {
    let chosen = data.train.countsPerClass.enumerated().filter { $0.element > 0 }.map(\.offset)
    let outputs = ClassOutputs(.compact, choosing: chosen, of: data.train.classNames)
    let model = Model(
      architecture, inputShape: data.train.shape, classCount: outputs.count, seed: settings.seed)
    self.init(
      plan: TransferPlan(training: model, settings), outputs: outputs, normalization: .usual(for: data.whole),
      data: data,
      title: "train", provenance: [("data", data.train.name), ("data_sha256", data.whole.digest)])
  }

  /// The settings of the plan.
  package var settings: TrainingSettings { plan.settings }
}

// MARK: - Data

extension Training {
  /// The parts of the data as the model reads them.
  package struct Parts: Sendable {
    package let trainData: Dataset
    package let testData: Dataset
    package let train: Examples
    let watch: TrackedTraining.Watch
    let test: Examples

    package init(
      trainData: Dataset, testData: Dataset, train: Examples, watch: TrackedTraining.Watch, test: Examples
    ) {
      self.trainData = trainData
      self.testData = testData
      self.train = train
      self.watch = watch
      self.test = test
    }
  }

  /// Draws the share and sets the validation images aside.
  ///
  /// - Throws: If a class has no image, or fewer than are asked for.
  package func parts() throws -> Parts {
    try data.test.requireImages(of: outputs.trained, in: "test")
    let (trainData, held) = try drawn()
    var watch = TrackedTraining.Watch.nothing
    if let validation, let held { watch = .choosing(try examples(held), patience: validation.patience) }
    return Parts(
      trainData: trainData, testData: data.test, train: try examples(trainData), watch: watch,
      test: try examples(data.test))
  }

  /// The images that train, and the validation images that are set aside; nil without a validation.
  package func drawn() throws -> (train: Dataset, held: Dataset?) {
    try data.train.requireImages(of: outputs.trained, in: "training")
    let images = try data.train.share(share, seed: settings.seed)
    guard let validation else { return (images, nil) }
    let (rest, held) = try images.splittingOff(validation: validation.share, seed: settings.seed)
    return (rest, held)
  }

  private func examples(_ dataset: Dataset) throws(GraftFailure) -> Examples {
    try Examples(dataset, outputs: outputs, normalization: normalization)
  }
}

// MARK: - Record

extension Training {
  /// Everything that decides the result, as it is kept in the checkpoint.
  ///
  /// - Parameter trainData: The images that train.
  package func record(_ trainData: Dataset) -> JSON.Object {
    let model = plan.model
    var record = settings.json
    if plan.stages.isEmpty {
      // A solved head makes no steps, so the settings of the steps have decided nothing.
      let acting = ["label_smoothing", "class_weights", "augment", "seed"]
      for key in record.keys where !acting.contains(key) { record[key] = nil }
    }
    record["model"] = .string(model.architecture.description)
    record["initial_weights_sha256"] = .string(model.parameters.digest)
    record["frozen"] = .array(
      model.parameters.slices.filter { !trains($0) && !$0.isStatistic }.map { .string($0.name) })
    if plan.solvesHead { record["head"] = "solved" }
    if plan.stages.count > 1 { record["stages"] = TrainingStage.json(plan.stages, of: model) }
    record["outputs"] = .array(outputs.classes.map(JSON.integer))
    record["classes"] = .array(outputs.trained.map(JSON.integer))
    record["share"] = .string(share.description)
    if let validation {
      record["validation"] = .number(validation.share)
      record["patience"] = .integer(validation.patience)
    }
    record["train_images"] = .integer(trainData.count)
    record["train_sha256"] = .string(trainData.digest)
    if trainData.background == .bright { record["background"] = "bright" }
    for (key, value) in provenance { record[key] = .string(value) }
    record["graft"] = .string(GraftVersion.current)
    return record
  }

  /// Whether a slice trains in any stage, or is solved.
  private func trains(_ slice: ParameterSlice) -> Bool {
    let model = plan.model
    if plan.solvesHead, model.headSlices.contains(slice) { return true }
    guard let place = model.parameters.slices.firstIndex(of: slice) else { return false }
    return plan.stages.contains { $0.isTrainable[place] }
  }
}
