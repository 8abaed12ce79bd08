import GraftData
import GraftMatrices
import GraftNetworks

extension Recipe {
  /// A convolutional network for photographs, from fresh weights: four normalised convolutions and the mean of the last map,
  /// trained by AdamW with a cosine on mirrored and shifted or cropped images.
  public static let photos = Recipe(
    name: "photos", architecture: .photographs,
    scratchSettings: TrainingSettings(
      epochs: 20, batchSize: 32, optimizer: .adam(decoupled: true), learningRate: 0.003, weightDecay: 0.01,
      schedule: LearningRateSchedule(.cosine(floor: 0), warmUp: 1), augmentation: .small, seed: 0),
    transferSettings: TrainingSettings(
      epochs: 10, batchSize: 32, optimizer: .adam(decoupled: true), learningRate: 0.001, weightDecay: 0.01,
      schedule: LearningRateSchedule(.cosine(floor: 0)), augmentation: .small, seed: 0),
    leastSteps: 400)

  /// A residual network for colour images of 32 × 32 in some minutes: Page's with a quarter of its channels (`resnet9-w16`), trained by
  /// SGD on mirrored and shifted images, with label smoothing and averaged weights.
  public static let colorQuick = Recipe(
    name: "colour-quick", architecture: .family(named: "resnet9-w16") ?? .photographs,
    scratchSettings: TrainingSettings(
      epochs: 8, batchSize: 128, optimizer: .sgd(momentum: 0.9, nesterov: true), learningRate: 0.4,
      weightDecay: 0.0005, schedule: LearningRateSchedule(.cosine(floor: 0), warmUp: 1),
      loss: SoftmaxCrossEntropy(smoothing: 0.1), augmentation: .small, averaging: 0.99, seed: 0),
    transferSettings: photos.transferSettings, leastSteps: 400)

  /// Whether the settings were chosen on colour images.
  private var isForColor: Bool { [Recipe.photos.name, Recipe.colorQuick.name].contains(name) }

  /// The factor for learning rates of 0.1 and more on colour images: their inputs have a deviation of 1 and no zeros, MNIST's are
  /// mostly zero with a deviation of 0.3. The rate of ``quick``, 0.2, diverges on CIFAR-10, a tenth of it learns.
  private static let colorRateFactor = 0.1
  private static let largeRate = 0.1
  /// The shorter side from which photographs are cropped at random instead of shifted.
  private static let leastCroppedSide = 64

  /// The recipe for images of another shape than it was made for: networks, augmentation and learning rates follow the images.
  ///
  /// - Returns: The recipe; the same one if the shape is the one for which it was chosen: 32 × 32 in colour for ``colorQuick``,
  ///   28 × 28 with one channel for all others.
  package func fitted(to shape: ImageShape) -> Recipe {
    if name == Recipe.colorQuick.name, shape == ImageShape(channels: 3, height: 32, width: 32) { return self }
    var fitted = self
    fitted.architecture = architecture.fitted(to: shape)
    fitted.scratchSettings = self.fitted(scratchSettings, to: shape)
    fitted.transferSettings = self.fitted(transferSettings, to: shape)
    return fitted
  }

  private func fitted(_ settings: TrainingSettings, to shape: ImageShape) -> TrainingSettings {
    var fitted = settings
    let isColor = shape.channels == 3
    if isColor, !isForColor, case .sgd = settings.optimizer, settings.learningRate >= Recipe.largeRate {
      fitted.learningRate *= Recipe.colorRateFactor
    }
    guard !settings.augmentation.isNone else { return fitted }
    if isColor {
      // Distortions of pen strokes say nothing of photographs.
      fitted.augmentation = min(shape.height, shape.width) < Recipe.leastCroppedSide ? .small.fitted(to: shape) : .photo
    } else {
      fitted.augmentation = settings.augmentation.fitted(to: shape)
    }
    return fitted
  }

  /// Least number of updates of a training from fresh weights: recipes were chosen for tens of thousands of images, and their
  /// epochs are too few for hundreds. Of scikit-learn's 1,400 digits `cnn-quick` learns 89 % in 220 steps and 98.5 % in 2,000.
  package var leastStepsFromScratch: Int {
    if isForColor { return leastSteps }
    return architecture.isConvolutional ? 2000 : 0
  }

  /// The change by `fitted(to:)` in words; nil if nothing changed.
  package func fittingRemark(from original: Recipe, to shape: ImageShape, trains architecture: Architecture) -> String?
  {
    guard self != original else { return nil }
    var parts: [String] = []
    if self.architecture != original.architecture, architecture == self.architecture {
      parts.append("the network is \(architecture)")
    }
    if scratchSettings.learningRate != original.scratchSettings.learningRate {
      parts.append("the learning rate \(scratchSettings.learningRate)")
    }
    if scratchSettings.augmentation != original.scratchSettings.augmentation {
      parts.append("the augmentation \(scratchSettings.augmentation)")
    }
    guard !parts.isEmpty else { return nil }
    return "\(name) is fitted to images of \(shape.inWords): \(parts.joined(separator: ", "))"
  }
}

extension Architecture {
  /// Four normalised convolutions of 3 × 3, three of them pooled, and the mean of each of the last one's maps:
  /// `cnn:32c3p1b-p2-64c3p1b-p2-128c3p1b-p2-128c3p1b-a`.
  package static let photographs: Architecture = {
    func convolution(_ channels: Int, _ pooling: Pooling) -> Block {
      Block(
        .convolution(ConvolutionShape(channels: channels, kernel: 3, padding: 1)), norm: .usual, pooling: pooling)
    }
    return Architecture(
      body: [
        convolution(32, .maximum(size: 2)), convolution(64, .maximum(size: 2)), convolution(128, .maximum(size: 2)),
        convolution(128, .globalAverage),
      ])
  }()
}
