import GraftFiles
import GraftTraining

/// The outcome of a finished trial: answers, loss, choices and times.
public struct TrialOutcome: Sendable, Hashable {
  /// The state of a training after some epochs; nothing was chosen by it.
  package struct Point: Sendable, Hashable {
    /// Epochs done, or iterations of a solver.
    package let epoch: Int
    /// Seconds spent until then, without the evaluations.
    package let seconds: Double
    /// Mean of the epoch's batch losses; nil for a solver's start.
    package let trainLoss: Double?
    /// Right answers on the test images.
    package let correct: Int

    /// Creates a point.
    package init(epoch: Int, seconds: Double, trainLoss: Double?, correct: Int) {
      self.epoch = epoch
      self.seconds = seconds
      self.trainLoss = trainLoss
      self.correct = correct
    }
  }

  /// A setting that was tried before the training proper.
  package typealias Choice = TriedSetting

  /// The model's answer for each test image, a class of the data set, in the test images' order; empty if the training diverged.
  public let answers: [Int]
  /// Right answers among ``answers``.
  public let correct: Int
  /// Mean loss over the test images.
  public let loss: Double
  /// The points in the order of epochs; the last one is the end.
  package let history: [Point]
  /// The settings that were tried; empty if the setting was fixed beforehand.
  package let choices: [Choice]
  /// Seconds spent on the training proper.
  package let seconds: Double
  /// Seconds spent on trying settings before it.
  package let choosingSeconds: Double
  /// SHA-256 of the checkpoint file; nil if none was kept.
  package let checkpointDigest: String?
  /// The measurements beside the answers.
  package let diagnosis: Diagnosis

  /// Creates an outcome.
  package init(
    answers: [Int], correct: Int, loss: Double, history: [Point], choices: [Choice], seconds: Double,
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

  /// The outcome of a training that diverged: it has no model, so no answers, and its loss is written as 0.
  package init(diverged failure: any Failure) {
    self.init(
      answers: [], correct: 0, loss: 0, history: [], choices: [], seconds: 0, choosingSeconds: 0, checkpointDigest: nil,
      diagnosis: Diagnosis(divergence: failure.description))
  }

  /// Whether the training diverged: a loss, a gradient or an output was no longer a finite number.
  package var isDiverged: Bool { diagnosis.divergence != nil }

  /// Whether another training of the same trial ended with the same bits: all but what clocks say.
  package func endedLike(_ other: TrialOutcome) -> Bool {
    func untimed(_ outcome: TrialOutcome) -> TrialOutcome {
      TrialOutcome(
        answers: outcome.answers, correct: outcome.correct, loss: outcome.loss,
        history: outcome.history.map {
          Point(epoch: $0.epoch, seconds: 0, trainLoss: $0.trainLoss, correct: $0.correct)
        },
        choices: outcome.choices, seconds: 0, choosingSeconds: 0, checkpointDigest: nil, diagnosis: outcome.diagnosis)
    }
    // A store without a folder of models has no digest.
    if let own = checkpointDigest, let others = other.checkpointDigest, own != others { return false }
    // As JSON, in which a loss that is no number equals itself.
    return untimed(self).json == untimed(other).json
  }

  /// The number of test images.
  package var images: Int { answers.count }
  /// Right answers among all.
  public var accuracy: Tally { Tally(correct: correct, images: images) }
}
