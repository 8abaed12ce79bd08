import GraftData
import GraftFiles
import GraftNetworks

/// Everything that decides a training, apart from the data and the model's weights at its start.
public struct TrainingSettings: Sendable, Hashable {
  /// Number of epochs.
  public var epochs: Int
  /// Examples per step.
  public var batchSize: Int
  /// The optimizer and its constants.
  public var optimizer: Optimizer.Rule
  /// The full learning rate, before the schedule.
  public var learningRate: Double
  /// Weight decay; see `Optimizer.weightDecay`.
  public var weightDecay: Double
  /// The schedule of the learning rate, with lengths in epochs.
  public var schedule: LearningRateSchedule
  /// The training loss; held-out examples are measured without its label smoothing.
  public var loss: SoftmaxCrossEntropy
  /// The weights of the classes in the training loss; held-out examples are measured without them.
  package var classWeights = ClassWeights.none
  /// Divisor of a layer's learning rate for each layer between it and the head: 1 for the same rate everywhere (Howard and Ruder,
  /// ACL 2018, §3.2).
  package var layerRateDecay: Double
  /// Strength c of the penalty `c / 2 · ‖w - w₀‖²` beside the sum of the examples' losses, with w₀ the body's weights at the
  /// start; 0 for none. For n examples that is α = c / n of Li, Grandvalet and Davoine, ICML 2018, equation 3. The head, which
  /// has no source, has as strong a penalty towards zero (their β).
  package var startPull: Double
  /// Share of the hidden units of each image that is dropped in each step; 0 for none.
  public var dropout: Double
  /// Share of the pixels of each pooled map that is dropped in each step; 0 for none.
  package var mapDropout: Double
  /// Changes of the images, made anew in every epoch: epoch e of the whole training, counted from 1 over all its stages, reads
  /// the images of `Dataset.augmented(by:seed:epoch:threads:)`. Held-out images stay as they are.
  public var augmentation: Augmentation
  /// The decay per step of the exponential moving average of the weights that is evaluated, chosen and kept in place of the
  /// last weights; 0 for none. A tenth of it is older than 2.3 / (1 - decay) steps.
  public var averaging: Double
  /// Parts into which each batch is cut, whose gradients are computed one by one and added as a binary tree; a power of two. With more
  /// than one the bits differ from those of one, and are the same on as many ranks of a job, or fewer.
  package var shards = 1
  /// Seed of the shuffles and of all else that is drawn; fresh weights are drawn from the same seed.
  public var seed: UInt64

  /// Settings with the given values; by default no decay, schedule, dropout, augmentation or averaging.
  public init(
    epochs: Int, batchSize: Int, optimizer: Optimizer.Rule, learningRate: Double, weightDecay: Double = 0,
    schedule: LearningRateSchedule = .constant, loss: SoftmaxCrossEntropy = SoftmaxCrossEntropy(),
    layerRateDecay: Double = 1, startPull: Double = 0, dropout: Double = 0, mapDropout: Double = 0,
    augmentation: Augmentation = .none,
    averaging: Double = 0, seed: UInt64
  ) {
    self.epochs = epochs
    self.batchSize = batchSize
    self.optimizer = optimizer
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.schedule = schedule
    self.loss = loss
    self.layerRateDecay = layerRateDecay
    self.startPull = startPull
    self.dropout = dropout
    self.mapDropout = mapDropout
    self.augmentation = augmentation
    self.averaging = averaging
    self.seed = seed
    precondition(firstBadKey == nil, "\(firstBadKey ?? "") is out of its range")
  }

  /// The key of the first setting that is out of its range; nil if there is none.
  private var firstBadKey: String? {
    let ranges: [(key: String, isGood: Bool)] = [
      ("epochs", epochs >= 0), ("batch_size", batchSize > 0), ("learning_rate", learningRate.isFinite),
      ("weight_decay", weightDecay.isFinite), ("layer_rate_decay", layerRateDecay > 0), ("start_pull", startPull >= 0),
      ("dropout", 0..<1 ~= dropout), ("map_dropout", 0..<1 ~= mapDropout), ("average_weights", 0..<1 ~= averaging),
    ]
    return ranges.first { !$0.isGood }?.key
  }
}

extension TrainingSettings {
  /// Number of updates in one epoch of `images` images; the short last batch is one.
  package func steps(of images: Int) -> Int { (images + batchSize - 1) / batchSize }

  /// The same settings with so many epochs that there are at least `steps` updates on `images` images: a few labelled images make
  /// an epoch of one step.
  package func lasting(steps: Int, on images: Int) -> TrainingSettings {
    var settings = self
    let perEpoch = max(1, self.steps(of: images))
    settings.epochs = max(epochs, (steps + perEpoch - 1) / perEpoch)
    return settings
  }
}

// MARK: - Coding

extension TrainingSettings: Codable {
  /// A setting in a record: its key, which is its flag's name with underscores, and how it is written and read.
  private struct Field: Sendable {
    let write: @Sendable (TrainingSettings, inout JSON.Object) -> Void
    let read: @Sendable (inout TrainingSettings, JSON.Object) throws(GraftFailure) -> Void

    /// A whole number that is always written.
    static func count(_ key: String, _ path: any WritableKeyPath<TrainingSettings, Int> & Sendable) -> Field {
      Field(
        write: { $1[key] = .integer($0[keyPath: path]) },
        read: { settings, record throws(GraftFailure) in
          guard let value = record[key]?.int else { throw expected("a whole number", key) }
          settings[keyPath: path] = value
        })
    }

    /// A number. If it has a usual value, it is written only if it is another one.
    static func number(
      _ key: String, _ path: any WritableKeyPath<TrainingSettings, Double> & Sendable, usual: Double? = nil
    ) -> Field {
      Field(
        write: { if $0[keyPath: path] != usual { $1[key] = .number($0[keyPath: path]) } },
        read: {
          settings, record throws(GraftFailure) in
          guard let value = record[key]?.double ?? usual else { throw expected("a number", key) }
          settings[keyPath: path] = value
        })
    }

    static func expected(_ what: String, _ key: String) -> GraftFailure {
      GraftFailure(.badData, "\(key): expected \(what)")
    }
  }

  /// All settings in the order of a record. A new setting is a property above and a line here.
  private static let fields: [Field] = [
    .count("epochs", \.epochs),
    .count("batch_size", \.batchSize),
    Field(
      write: { $1["optimizer"] = .string($0.optimizer.name) },
      read: { settings, record throws(GraftFailure) in
        guard let name = record["optimizer"]?.string else { throw Field.expected("a name", "optimizer") }
        settings.optimizer = try Optimizer.Rule(name: name, constants: record)
      }),
    .number("learning_rate", \.learningRate),
    Field(write: { $0.optimizer.write(constants: &$1) }, read: { _, _ in }),
    .number("weight_decay", \.weightDecay),
    Field(
      write: { if $0.schedule != .constant { $1["schedule"] = $0.schedule.json } },
      read: {
        settings, record throws(GraftFailure) in
        settings.schedule = try record["schedule"].map(LearningRateSchedule.init(json:)) ?? .constant
      }),
    Field(
      write: { if case .sum(let divisor) = $0.loss.reduction { $1["gradient_divisor"] = .number(Double(divisor)) } },
      read: {
        settings, record in
        let divisor = record["gradient_divisor"]?.double
        settings.loss = SoftmaxCrossEntropy(reduction: divisor.map { .sum(dividedBy: Float($0)) } ?? .mean)
      }),
    Field(
      write: { if $0.loss.smoothing > 0 { $1["label_smoothing"] = .number($0.loss.smoothing) } },
      read: {
        settings, record throws(GraftFailure) in
        let smoothing = record["label_smoothing"]?.double ?? 0
        guard 0..<1 ~= smoothing else { throw Field.expected("a number from 0 to less than 1", "label_smoothing") }
        settings.loss = SoftmaxCrossEntropy(reduction: settings.loss.reduction, smoothing: smoothing)
      }),
    Field(
      write: { if $0.classWeights != .none { $1["class_weights"] = .string($0.classWeights.rawValue) } },
      read: {
        settings, record throws(GraftFailure) in
        let name = record["class_weights"] ?? .string(ClassWeights.none.rawValue)
        guard let weights = name.string.flatMap(ClassWeights.init(rawValue:)) else {
          throw Field.expected("balanced or none", "class_weights")
        }
        settings.classWeights = weights
      }),
    .number("layer_rate_decay", \.layerRateDecay, usual: 1),
    .number("start_pull", \.startPull, usual: 0),
    .number("dropout", \.dropout, usual: 0),
    .number("map_dropout", \.mapDropout, usual: 0),
    Field(
      write: { if !$0.augmentation.isNone { $1["augment"] = .string($0.augmentation.description) } },
      read: {
        settings, record throws(GraftFailure) in
        settings.augmentation = try Augmentation(parsing: record["augment"]?.string ?? "none")
      }),
    .number("average_weights", \.averaging, usual: 0),
    Field(
      write: { if $0.shards != 1 { $1["shards"] = .integer($0.shards) } },
      read: { settings, record throws(GraftFailure) in
        guard let shards = (record["shards"] ?? .integer(1)).int, shards > 0, shards.nonzeroBitCount == 1 else {
          throw Field.expected("a power of two", "shards")
        }
        settings.shards = shards
      }),
    Field(
      write: { $1["seed"] = .string("\($0.seed)") },
      read: { settings, record throws(GraftFailure) in
        guard let seed = record["seed"]?.string.flatMap({ UInt64($0) }) else {
          throw Field.expected("a whole number in quotes", "seed")
        }
        settings.seed = seed
      }),
  ]

  /// The settings under the names of the command line's flags, as a run's record keeps them.
  package var json: JSON.Object {
    TrainingSettings.fields.reduce(into: JSON.Object()) { $1.write(self, &$0) }
  }

  /// Reads what `json` gave.
  package init(json record: JSON.Object) throws(GraftFailure) {
    self.init(epochs: 0, batchSize: 1, optimizer: .sgd(momentum: 0), learningRate: 0, seed: 0)
    for field in TrainingSettings.fields { try field.read(&self, record) }
    if let key = firstBadKey { throw GraftFailure(.badData, "\(key) is out of its range") }
  }

  /// Reads settings under the names of the command line's flags.
  public init(from decoder: any Decoder) throws {
    try self.init(json: JSON(from: decoder).object ?? JSON.Object())
  }

  /// Writes the settings under the names of the command line's flags; those without effect are left out.
  public func encode(to encoder: any Encoder) throws { try JSON.object(json).encode(to: encoder) }
}
