import Networks

/// Everything that decides a training, apart from the data and the model's weights at its start.
public struct TrainingSettings: Sendable, Hashable {
  public var epochs: Int
  /// Examples per step.
  public var batchSize: Int
  public var optimizer: Optimizer.Rule
  public var learningRate: Double
  public var weightDecay: Double
  /// Lengths in epochs.
  public var schedule: LearningRateSchedule
  public var loss: SoftmaxCrossEntropy
  /// Of the shuffles; fresh weights are drawn from the same seed.
  public var seed: UInt64

  public init(
    epochs: Int, batchSize: Int, optimizer: Optimizer.Rule, learningRate: Double, weightDecay: Double = 0,
    schedule: LearningRateSchedule = .constant, loss: SoftmaxCrossEntropy = SoftmaxCrossEntropy(), seed: UInt64
  ) {
    precondition(epochs >= 0 && batchSize > 0)
    self.epochs = epochs
    self.batchSize = batchSize
    self.optimizer = optimizer
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.schedule = schedule
    self.loss = loss
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
