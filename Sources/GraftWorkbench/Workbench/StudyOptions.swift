import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftStatistics
import GraftTraining

/// The options of a study, the same for each of its pairs.
public struct StudyOptions: Sendable {
  /// The methods in the order of the table; the control comes first in any case.
  package var methods: [TransferMethod]
  /// The numbers of labels in any order, each once.
  package var shares: [Share]
  /// The seeds of the trainings.
  package var seeds: [UInt64]
  /// The architecture of all models.
  package var architecture: Architecture
  /// The recipe of the sources, and of the target's trainings apart from what is chosen.
  package var recipe: Recipe
  /// The policy for the source's head; nil is automatic.
  package var head: HeadPolicy?
  /// Methods to compare with each other as well, first minus second.
  public var contrasts: [(first: TransferMethod, second: TransferMethod)] = []
  /// Gains smaller than this count as equal, in points.
  public var margin = JudgedComparison.usualMargin
  /// Whether the source as it stands is a row beside scratch if it can answer: if it has learnt the target's classes,
  /// or keeps its head.
  public var asksUntouchedSource = true
  /// Whether the models of each seed are kept and compared with each other, layer by layer.
  package var comparesLayers = false
  /// Trainings at a time.
  package var threads: Int
  /// The folder of the sources' checkpoints; nil keeps none.
  package var modelFolder: String?
  /// The program's version, for the record.
  package var version: String
  /// The processor's name, for the record.
  package var machine: String

  /// Creates options. Scratch is always the first method, and repeated methods and shares are dropped.
  public init(
    methods: [TransferMethod], shares: [Share], seeds: [UInt64], architecture: Architecture = .study,
    recipe: Recipe = .quick, head: HeadPolicy? = nil, threads: Int = 1, modelFolder: String? = nil,
    version: String = "",
    machine: String = ""
  ) {
    self.methods = ([.scratch] + methods).firstOccurrences
    self.shares = shares.firstOccurrences
    self.seeds = seeds
    self.architecture = architecture
    self.recipe = recipe
    self.head = head
    self.threads = threads
    self.modelFolder = modelFolder
    self.version = version
    self.machine = machine
  }

  /// The same options with a second control, the body with random weights, for every method that starts from the source.
  var addingRandomBody: StudyOptions {
    guard methods.contains(where: \.usesSource) else { return self }
    var options = self
    options.methods = ([.scratch, .randomFrozen] + methods).firstOccurrences
    return options
  }

  /// A number that changes whenever a trial with the same identity would end with other bits.
  static let revision = 3

  /// The settings of one training on `images` of the target's images.
  func settings(seed: UInt64, images: Int) -> TrainingSettings {
    recipe.transferSettings(seed: seed).lasting(steps: recipe.leastSteps, on: images)
  }

  /// The settings that no trial chooses, as a trial's identity has them: the seed is named apart from them.
  var settingsIdentity: JSON {
    var settings = recipe.transferSettings(seed: 0).json
    settings["seed"] = nil
    settings["least_steps"] = .integer(recipe.leastSteps)
    return .object(settings)
  }
}

/// The epochs after which a training is measured: each of the first, then ever fewer. A measurement costs as much as
/// some steps.
struct MeasuredEpochs {
  private let epochs: Set<Int>

  init(of total: Int) {
    var chosen: Set<Int> = [total]
    var epoch = 1
    while epoch < total {
      chosen.insert(epoch)
      epoch = total <= 12 ? epoch + 1 : max(epoch + 1, epoch * 3 / 2)
    }
    epochs = chosen
  }

  var count: Int { epochs.count }

  func contains(_ epoch: Int) -> Bool { epochs.contains(epoch) }
}
