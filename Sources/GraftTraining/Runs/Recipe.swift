import GraftData
import GraftNetworks

/// A named set of settings. It decides everything about a training but its data and seed; whoever uses it may change any of
/// it afterwards.
public enum Recipe: String, Sendable, Hashable, CaseIterable {
  /// The published study's.
  case study
  /// The study's accuracy in a few seconds: SGD with Nesterov's momentum at two hundred times the study's rate, one epoch of
  /// warm-up and a cosine to zero, eight epochs. Chosen among fifty settings on 10,000 held-out training images, seeds 10
  /// to 19: 99.05 % of the even and 98.57 % of the odd ones; the study's own recipe gives 98.33 and 97.38 there.
  case quick
  /// As right as the study's network gets here, in less than a minute on one core: ``quick`` for a hundred epochs at half its
  /// rate, on images that change a little in every epoch, with labels smoothed by 0.05. Chosen among twenty-two settings on the
  /// last 10,000 training images, with one seed at first and the two best with seeds 1 to 3: 99.76 % of the even and 99.59 % of
  /// the odd ones, where ``quick`` gives 99.22 and 98.68. Smoothing by 0.1 gives 99.76 and 99.59 too, at twice the loss; stronger
  /// distortions (``Augmentation/standard``), dropout and weight decay were no better, nor was an average of the weights, which
  /// has nothing to add to a rate that falls to zero.
  case best

  /// A convolutional network in well under a minute: `cnn:small` for ten epochs on images that change a little in every epoch, three
  /// tenths of its hidden units dropped, and the average of its weights. 99.5 % of the last 10,000 training images, where stronger
  /// distortions (``Augmentation/standard``) without dropout gave 99.3, and a normalised one 99.5.
  case cnnQuick = "cnn-quick"
  /// As right as a network gets here in some minutes: `cnn:best`, twenty-four epochs on images that change less than ``cnnQuick``'s,
  /// labels smoothed by 0.05, four tenths of the hidden units dropped. Chosen on the odd ones of the last 10,000 training images,
  /// thirty epochs: 99.85 % (two seeds); without smoothing and as changed as ``cnnQuick``'s 99.81 (two); a smaller network
  /// (`cnn:32c3b-32c3b-p2-64c3b-64c3b-p2-128`) 99.79 so (two), 99.80 with smoothing (three), 99.82 with the milder changes as well
  /// (one each way); stronger ones (``Augmentation/standard``) 99.66 (two), erasing 99.76, fewer channels (24, 24, 48, 48, 64) 99.72 (one each).
  /// A deviation of 0.03 between seeds lies in all of them.
  case cnnBest = "cnn-best"

  /// The model that the settings are meant for.
  public var architecture: Architecture {
    switch self {
    case .study, .quick, .best: .study
    case .cnnQuick: .smallConvolutional
    case .cnnBest: .bestConvolutional
    }
  }

  /// Updates that a training on few labelled images of a target gets at least: an epoch of some images is one step.
  public var leastSteps: Int {
    switch self {
    case .study, .quick, .best: 200
    case .cnnQuick, .cnnBest: 400
    }
  }

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
