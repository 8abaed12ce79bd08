import GraftData
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
  /// Weight decay; see ``Optimizer/weightDecay``.
  public var weightDecay: Double
  /// The schedule of the learning rate, with lengths in epochs.
  public var schedule: LearningRateSchedule
  /// The training loss; held-out examples are measured without its label smoothing.
  public var loss: SoftmaxCrossEntropy
  /// Divisor of a layer's learning rate for each layer between it and the head: 1 for the same rate everywhere (Howard and Ruder,
  /// ACL 2018, §3.2).
  public var layerRateDecay: Double
  /// Strength c of the penalty `c / 2 · ‖w - w₀‖²` beside the sum of the examples' losses, with w₀ the body's weights at the
  /// start; 0 for none. For n examples that is α = c / n of Li, Grandvalet and Davoine, ICML 2018, equation 3. The head, which
  /// has no source, has as strong a penalty towards zero (their β).
  public var startPull: Double
  /// Share of the hidden units of each image that is dropped in each step; 0 for none.
  public var dropout: Double
  /// Share of the pixels of each pooled map that is dropped in each step; 0 for none.
  public var mapDropout: Double
  /// Changes of the images, made anew in every epoch: epoch e of the whole training, counted from 1 over all its stages, reads
  /// the images of ``Dataset/augmented(by:seed:epoch:threads:)``. Held-out images stay as they are.
  public var augmentation: Augmentation
  /// The decay per step of the exponential moving average of the weights that is evaluated, chosen and kept in place of the
  /// last weights; 0 for none. A tenth of it is older than 2.3 / (1 - decay) steps.
  public var averaging: Double
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
    precondition(epochs >= 0 && batchSize > 0 && layerRateDecay > 0 && startPull >= 0)
    precondition(dropout >= 0 && dropout < 1 && mapDropout >= 0 && mapDropout < 1)
    precondition(averaging >= 0 && averaging < 1)
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
  }
}

extension TrainingSettings {
  /// The study's recipe for training from scratch: SGD, learning rate 0.001, momentum 0.9, batches of 64, 100 epochs.
  public static func studyScratch(seed: UInt64) -> TrainingSettings {
    TrainingSettings(epochs: 100, batchSize: 64, optimizer: .sgd(momentum: 0.9), learningRate: 0.001, seed: seed)
  }

  /// The study's recipe for its transfer: a new Adam, learning rate 0.001, batches of 64, 30 epochs.
  public static func studyTransfer(seed: UInt64) -> TrainingSettings {
    TrainingSettings(epochs: 30, batchSize: 64, optimizer: .adam(), learningRate: 0.001, seed: seed)
  }
}
