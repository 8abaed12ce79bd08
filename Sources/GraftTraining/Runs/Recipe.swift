import GraftData
import GraftFiles
import GraftNetworks

/// A network and the settings of its trainings. It decides everything about a training but its data and seed.
///
/// The named recipes were chosen on held-out training images of MNIST. A caller may change any part of one:
///
/// ```swift
/// var recipe = Recipe.quick
/// recipe.scratchSettings.epochs = 20
/// ```
public struct Recipe: Sendable, Hashable {
  /// The name of the recipe that this is, or was before it was changed.
  public let name: String
  /// The model for which the settings were chosen.
  public var architecture: Architecture
  /// Least number of updates of a training on few labelled images of a target: an epoch of some images is one step.
  package var leastSteps: Int
  /// The settings for a training from fresh weights. Their seed is replaced by each training's own.
  public var scratchSettings: TrainingSettings
  /// The settings for a training that starts from another model's weights.
  public var transferSettings: TrainingSettings

  /// A recipe of one's own.
  ///
  /// - Parameters:
  ///   - name: The name of the recipe.
  ///   - architecture: The model for which the settings were chosen.
  ///   - scratchSettings: The settings for a training from fresh weights.
  ///   - transferSettings: If nil, a transfer trains as a training from fresh weights does.
  ///   - leastSteps: Least number of updates of a training on few labelled images of a target.
  public init(
    name: String, architecture: Architecture, scratchSettings: TrainingSettings,
    transferSettings: TrainingSettings? = nil, leastSteps: Int = 200
  ) {
    self.name = name
    self.architecture = architecture
    self.leastSteps = leastSteps
    self.scratchSettings = scratchSettings
    self.transferSettings = transferSettings ?? scratchSettings
  }

  /// The settings for a training from fresh weights.
  public func settings(seed: UInt64) -> TrainingSettings {
    var settings = scratchSettings
    settings.seed = seed
    return settings
  }

  /// The settings for a training that starts from another model's weights.
  package func transferSettings(seed: UInt64) -> TrainingSettings {
    var settings = transferSettings
    settings.seed = seed
    return settings
  }
}

// MARK: - The named recipes

extension Recipe {
  /// All named recipes.
  package static let all = [study, quick, best, cnnQuick, cnnBest, photos, colorQuick]

  /// The recipe of a name; nil if there is none.
  package init?(named name: String) {
    guard let recipe = Recipe.all.first(where: { $0.name == name }) else { return nil }
    self = recipe
  }

  /// The published study's settings: SGD for a hundred epochs, and a new Adam for thirty in its transfer.
  public static let study = Recipe(
    name: "study", architecture: .study,
    scratchSettings: TrainingSettings(
      epochs: 100, batchSize: 64, optimizer: .sgd(momentum: 0.9), learningRate: 0.001, seed: 0),
    transferSettings: TrainingSettings(epochs: 30, batchSize: 64, optimizer: .adam(), learningRate: 0.001, seed: 0))

  /// The study's accuracy in a few seconds: SGD with Nesterov's momentum, one epoch of warm-up and a cosine to zero, eight
  /// epochs. 99.05 % of the even and 98.57 % of the odd held-out training images.
  public static let quick = Recipe(
    name: "quick", architecture: .study,
    scratchSettings: TrainingSettings(
      epochs: 8, batchSize: 64, optimizer: .sgd(momentum: 0.9, nesterov: true), learningRate: 0.2,
      schedule: LearningRateSchedule(.cosine(floor: 0), warmUp: 1), seed: 0))

  /// The best of the study's network in less than a minute on one core: ``quick`` for a hundred epochs at half its rate, with
  /// augmentation and label smoothing. 99.76 % of the even and 99.59 % of the odd held-out training images.
  public static let best = Recipe(
    name: "best", architecture: .study,
    scratchSettings: TrainingSettings(
      epochs: 100, batchSize: 64, optimizer: .sgd(momentum: 0.9, nesterov: true), learningRate: 0.1,
      schedule: LearningRateSchedule(.cosine(floor: 0), warmUp: 1), loss: SoftmaxCrossEntropy(smoothing: 0.05),
      augmentation: Augmentation(
        shift: 1, rotation: 10, scale: 0.95...1.05, shear: 5, elastic: 3, thickness: 0.25),
      seed: 0))

  /// A convolutional network in well under a minute: `cnn:small` for ten epochs with augmentation, dropout and averaged weights.
  /// 99.5 % of the held-out training images.
  public static let cnnQuick = Recipe(
    name: "cnn-quick", architecture: .smallConvolutional,
    scratchSettings: TrainingSettings(
      epochs: 10, batchSize: 64, optimizer: .sgd(momentum: 0.9, nesterov: true), learningRate: 0.05,
      weightDecay: 0.0005, schedule: LearningRateSchedule(.cosine(floor: 0), warmUp: 1), dropout: 0.3,
      augmentation: Augmentation(shift: 2, rotation: 10, scale: 0.9...1.1, shear: 5, elastic: 2),
      averaging: 0.999, seed: 0),
    transferSettings: convolutionalTransfer, leastSteps: 400)

  /// The best network of some minutes: `cnn:best` for twenty-four epochs with milder augmentation, label smoothing and dropout.
  /// 99.85 % of the odd held-out training images (with thirty epochs).
  public static let cnnBest = Recipe(
    name: "cnn-best", architecture: .bestConvolutional,
    scratchSettings: TrainingSettings(
      epochs: 24, batchSize: 64, optimizer: .sgd(momentum: 0.9, nesterov: true), learningRate: 0.05,
      weightDecay: 0.0005, schedule: LearningRateSchedule(.cosine(floor: 0), warmUp: 1),
      loss: SoftmaxCrossEntropy(smoothing: 0.05), dropout: 0.4,
      augmentation: Augmentation(shift: 1, rotation: 8, scale: 0.93...1.07, shear: 4, elastic: 1),
      averaging: 0.999, seed: 0),
    transferSettings: convolutionalTransfer, leastSteps: 400)

  private static let convolutionalTransfer = TrainingSettings(
    epochs: 10, batchSize: 64, optimizer: .adam(decoupled: true), learningRate: 0.003,
    schedule: LearningRateSchedule(.cosine(floor: 0)),
    augmentation: Augmentation(shift: 2, rotation: 15, scale: 0.9...1.1, shear: 10, elastic: 3, thickness: 0.25),
    seed: 0)
}

// MARK: - In words and in records

extension Recipe: CustomStringConvertible {
  /// The name, with what was changed: `quick (epochs 20, learning rate 0.05)`.
  public var description: String {
    let changes = changes
    return changes.isEmpty ? name : "\(name) (\(changes.joined(separator: ", ")))"
  }

  /// The settings that differ from those of the named recipe, each once. The network is left out: it is named beside a recipe.
  private var changes: [String] {
    guard let base = Recipe(named: name) else { return [] }
    func changes(_ own: TrainingSettings, _ usual: TrainingSettings) -> [String] {
      let (own, usual) = (JSON.object(own.json).leaves, JSON.object(usual.json).leaves)
      let changed = own.filter { leaf in leaf.key != "seed" && !usual.contains { $0 == leaf } }
      let gone = usual.filter { leaf in !own.contains { $0.key == leaf.key } }
      return changed.map { "\($0.key.replacing("_", with: " ")) \($0.value)" }
        + gone.map { "no \($0.key.replacing("_", with: " "))" }
    }
    let all =
      changes(scratchSettings, base.scratchSettings) + changes(transferSettings, base.transferSettings)
      + (leastSteps == base.leastSteps ? [] : ["at least \(leastSteps) steps"])
    return all.firstOccurrences
  }
}

extension Recipe: Codable {
  private enum CodingKeys: String, CodingKey {
    case name, model
    case leastSteps = "least_steps"
    case scratchSettings = "scratch"
    case transferSettings = "transfer"
  }

  /// Reads a name, or a recipe with all its settings.
  public init(from decoder: any Decoder) throws {
    if let value = try? decoder.singleValueContainer(), let name = try? value.decode(String.self) {
      guard let recipe = Recipe(named: name) else {
        throw DecodingError.dataCorruptedError(in: value, debugDescription: "there is no recipe '\(name)'")
      }
      self = recipe
      return
    }
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let leastSteps = try values.decode(Int.self, forKey: .leastSteps)
    guard leastSteps >= 0 else {
      throw DecodingError.dataCorruptedError(
        forKey: .leastSteps, in: values, debugDescription: "expected a number of steps")
    }
    self.init(
      name: try values.decode(String.self, forKey: .name),
      architecture: try Architecture(parsing: values.decode(String.self, forKey: .model)),
      scratchSettings: try values.decode(TrainingSettings.self, forKey: .scratchSettings),
      transferSettings: try values.decode(TrainingSettings.self, forKey: .transferSettings), leastSteps: leastSteps)
  }

  /// Writes the name if this is a named recipe as it stands, otherwise everything.
  public func encode(to encoder: any Encoder) throws {
    if self == Recipe(named: name) {
      var value = encoder.singleValueContainer()
      try value.encode(name)
      return
    }
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(name, forKey: .name)
    try values.encode(architecture.description, forKey: .model)
    try values.encode(leastSteps, forKey: .leastSteps)
    try values.encode(scratchSettings, forKey: .scratchSettings)
    try values.encode(transferSettings, forKey: .transferSettings)
  }
}
