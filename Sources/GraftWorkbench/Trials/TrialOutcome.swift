import GraftFiles
import GraftTraining

/// What a finished trial left behind.
public struct TrialOutcome: Sendable, Hashable {
  /// How far a training was after some epochs; nothing was chosen by it.
  public struct Point: Sendable, Hashable {
    /// Epochs done, or iterations of a solver.
    public let epoch: Int
    /// Spent until then, without the evaluations.
    public let seconds: Double
    /// Mean of the epoch's batch losses; nil for a solver's start.
    public let trainLoss: Double?
    /// Right answers on the test images.
    public let correct: Int

    public init(epoch: Int, seconds: Double, trainLoss: Double?, correct: Int) {
      self.epoch = epoch
      self.seconds = seconds
      self.trainLoss = trainLoss
      self.correct = correct
    }
  }

  public typealias Choice = TriedSetting

  /// The class of the data set that the model answered for each test image, in the test images' order.
  public let answers: [UInt8]
  /// Right answers among ``answers``.
  public let correct: Int
  /// Mean loss over the test images.
  public let loss: Double
  /// In the order of epochs; the last one is the end.
  public let history: [Point]
  /// Empty where the setting was fixed beforehand.
  public let choices: [Choice]
  /// Spent on the training proper, and on trying settings before it.
  public let seconds: Double
  public let choosingSeconds: Double
  /// SHA-256 of the checkpoint file, where one was kept.
  public let checkpointDigest: String?
  public let diagnosis: Diagnosis

  public init(
    answers: [UInt8], correct: Int, loss: Double, history: [Point], choices: [Choice], seconds: Double,
    choosingSeconds: Double, checkpointDigest: String?, diagnosis: Diagnosis = .none
  ) {
    precondition(correct >= 0 && correct <= answers.count)
    self.answers = answers
    self.correct = correct
    self.loss = loss
    self.history = history
    self.choices = choices
    self.seconds = seconds
    self.choosingSeconds = choosingSeconds
    self.checkpointDigest = checkpointDigest
    self.diagnosis = diagnosis
  }

  public var images: Int { answers.count }
  /// In percent.
  public var accuracy: Double { 100 * Double(correct) / Double(max(images, 1)) }
}
