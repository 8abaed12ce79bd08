import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining
import NumericChecks

extension Dataset {
  /// Small images of `classes` classes in turn.
  init(_ images: PatternImages, classes: Int = 4) {
    self.init(
      name: "patterns", shape: images.shape, classNames: (0..<classes).map { "class \($0)" }, pixels: images.pixels,
      labels: images.labels)
  }
}

extension Examples {
  /// `count` small images of four classes.
  static func patterns(_ count: Int, seed: UInt64 = 1) -> Examples {
    let images = PatternImages(perClass: (count + 3) / 4, classes: 4, seed: seed)
    return Examples(
      inputs: Normalization.unit.rows(Array(images.pixels.prefix(count * images.columns)), columns: images.columns),
      labels: Array(images.labels.prefix(count)))
  }
}

extension Examples {
  /// The same kind of images, with the bytes that they were made from.
  static func images(_ count: Int, seed: UInt64 = 1) throws -> Examples {
    let data = Dataset(PatternImages(perClass: (count + 3) / 4, classes: 4, seed: seed))
    return try Examples(
      data.selecting(images: Array(0..<count)),
      outputs: ClassOutputs(.compact, choosing: [0, 1, 2, 3], of: data.classNames), normalization: .unit)
  }
}

extension Dataset {
  /// The same images in a file, as those are that do not fit in memory.
  func inFile() throws -> Dataset {
    let folder = try ScratchFolder()
    let path = "\(folder.path)/pixels"
    try AtomicFile.write(pixels, to: path)
    return Dataset(
      name: name, shape: shape, classNames: classNames,
      rows: PixelRows(try MappedFile(path), columns: shape.count), labels: labels)
  }
}

extension Augmentation {
  /// What such small images can bear.
  static let mild = Augmentation(shift: 1, rotation: 15, elastic: 1, thickness: 0.25)
}

extension Model {
  /// A model for such images.
  static func forPatterns(_ units: [Int], seed: UInt64 = 2) -> Model {
    Model(units: units, inputs: 36, classCount: 4, seed: seed)
  }
}

extension TrainingSettings {
  static func momentum(batchSize: Int = 8, learningRate: Double = 0.05, seed: UInt64 = 3) -> TrainingSettings {
    TrainingSettings(
      epochs: 3, batchSize: batchSize, optimizer: .sgd(momentum: 0.9), learningRate: learningRate, weightDecay: 0.01,
      seed: seed)
  }

  static func adam(batchSize: Int = 8, seed: UInt64 = 3) -> TrainingSettings {
    TrainingSettings(epochs: 3, batchSize: batchSize, optimizer: .adam(), learningRate: 0.01, seed: seed)
  }
}

extension PlainTrainer {
  /// The same training without a session.
  init(_ model: Model, on examples: Examples, _ settings: TrainingSettings) {
    self.init(
      model, on: examples.inputs, examples.labels, startingAt: examples.firstLayer, rule: settings.optimizer,
      learningRate: settings.learningRate, weightDecay: settings.weightDecay, capacity: settings.batchSize)
  }

  /// One epoch in the order of the session's `epoch`, counted from 0.
  mutating func epoch(_ epoch: Int, _ settings: TrainingSettings) -> Double {
    let key = RandomKey(seed: settings.seed, purpose: .shuffle, index: epoch)
    let order = Batches(of: labels, size: settings.batchSize, shuffledBy: key).order
    return pass(over: order, batchSize: settings.batchSize)
  }
}
