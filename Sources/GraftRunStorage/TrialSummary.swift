import GraftStatistics
import GraftWorkbench

/// A finished trial without its long lists, for a table of trials.
public struct TrialSummary: Sendable, Hashable, Identifiable {
  /// The settings of the trial.
  public let trial: Trial
  /// Number of right answers on the test images.
  public let correct: Int
  /// Number of test images.
  public let images: Int
  /// Mean loss over the test images.
  public let loss: Double
  /// Seconds of the training proper.
  public let seconds: Double
  /// Seconds spent on trying settings before the training.
  public let choosingSeconds: Double
  /// SHA-256 of the checkpoint file, if one was kept.
  public let checkpointDigest: String?
  /// Time at which it was finished, in seconds since 1970.
  public let created: Double
  /// Version of the program that trained it.
  public let version: String
  /// Name of the processor.
  public let machine: String

  /// The id of the trial.
  public var id: String { trial.id }
  /// Share of right answers, in percent.
  public var accuracy: Double { 100 * Double(correct) / Double(max(images, 1)) }
}
