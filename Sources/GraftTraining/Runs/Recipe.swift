import GraftData
import GraftNetworks

/// A named set of settings. It decides everything about a training but its data and seed; a caller may change any of it
/// afterwards.
public enum Recipe: String, Sendable, Hashable, CaseIterable {
  /// The published study's settings.
  case study
  /// The study's accuracy in a few seconds: SGD with Nesterov's momentum, one epoch of warm-up and a cosine to zero, eight
  /// epochs. 99.05 % of the even and 98.57 % of the odd held-out training images.
  case quick
  /// The best of the study's network in less than a minute on one core: ``quick`` for a hundred epochs at half its rate, with
  /// augmentation and label smoothing. 99.76 % of the even and 99.59 % of the odd held-out training images.
  case best

  /// A convolutional network in well under a minute: `cnn:small` for ten epochs with augmentation, dropout and averaged weights.
  /// 99.5 % of the held-out training images.
  case cnnQuick = "cnn-quick"
  /// The best network of some minutes: `cnn:best` for twenty-four epochs with milder augmentation, label smoothing and dropout.
  /// 99.85 % of the odd held-out training images (with thirty epochs).
  case cnnBest = "cnn-best"

  /// The model for which the settings were chosen.
  public var architecture: Architecture {
    switch self {
    case .study, .quick, .best: .study
    case .cnnQuick: .smallConvolutional
    case .cnnBest: .bestConvolutional
    }
  }

  /// Least number of updates of a training on few labelled images of a target: an epoch of some images is one step.
  public var leastSteps: Int {
    switch self {
    case .study, .quick, .best: 200
    case .cnnQuick, .cnnBest: 400
    }
  }

  /// The settings for a training from fresh weights.
  public func settings(seed: UInt64) -> TrainingSettings {
    switch self {
    case .study: .studyScratch(seed: seed)
    case .quick:
      TrainingSettings(
        epochs: 8, batchSize: 64, optimizer: .sgd(momentum: 0.9, nesterov: true), learningRate: 0.2,
        schedule: LearningRateSchedule(.cosine(floor: 0), warmUp: 1), seed: seed)
    case .best:
      TrainingSettings(
        epochs: 100, batchSize: 64, optimizer: .sgd(momentum: 0.9, nesterov: true), learningRate: 0.1,
        schedule: LearningRateSchedule(.cosine(floor: 0), warmUp: 1), loss: SoftmaxCrossEntropy(smoothing: 0.05),
        augmentation: Augmentation(
          shift: 1, rotation: 10, scale: 0.95...1.05, shear: 5, elastic: 3, thickness: 0.25),
        seed: seed)
    case .cnnQuick:
      TrainingSettings(
        epochs: 10, batchSize: 64, optimizer: .sgd(momentum: 0.9, nesterov: true), learningRate: 0.05,
        weightDecay: 0.0005, schedule: LearningRateSchedule(.cosine(floor: 0), warmUp: 1), dropout: 0.3,
        augmentation: Recipe.convolutional, averaging: 0.999, seed: seed)
    case .cnnBest:
      TrainingSettings(
        epochs: 24, batchSize: 64, optimizer: .sgd(momentum: 0.9, nesterov: true), learningRate: 0.05,
        weightDecay: 0.0005, schedule: LearningRateSchedule(.cosine(floor: 0), warmUp: 1),
        loss: SoftmaxCrossEntropy(smoothing: 0.05), dropout: 0.4,
        augmentation: Augmentation(shift: 1, rotation: 8, scale: 0.93...1.07, shear: 4, elastic: 1),
        averaging: 0.999, seed: seed)
    }
  }

  private static let convolutional = Augmentation(shift: 2, rotation: 10, scale: 0.9...1.1, shear: 5, elastic: 2)

  /// The settings for a training that starts from another model's weights.
  public func transferSettings(seed: UInt64) -> TrainingSettings {
    switch self {
    case .study: .studyTransfer(seed: seed)
    case .quick, .best: settings(seed: seed)
    case .cnnQuick, .cnnBest:
      TrainingSettings(
        epochs: 10, batchSize: 64, optimizer: .adam(decoupled: true), learningRate: 0.003,
        schedule: LearningRateSchedule(.cosine(floor: 0)),
        augmentation: Augmentation(
          shift: 2, rotation: 15, scale: 0.9...1.1, shear: 10, elastic: 3, thickness: 0.25), seed: seed)
    }
  }
}
