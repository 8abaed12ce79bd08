import GraftStatistics
import GraftTraining
import GraftWorkbench

/// A finished trial without its long lists, for a table of trials.
package struct TrialSummary: Sendable, Hashable, Identifiable {
  /// The settings of the trial.
  package let trial: Trial
  /// Number of right answers on the test images.
  package let correct: Int
  /// Number of test images.
  package let images: Int
  /// Mean loss over the test images.
  package let loss: Double
  /// Seconds of the training proper.
  package let seconds: Double
  /// Seconds spent on trying settings before the training.
  package let choosingSeconds: Double
  /// SHA-256 of the checkpoint file, if one was kept.
  package let checkpointDigest: String?
  /// Time at which it was finished, in seconds since 1970.
  package let created: Double
  /// Version of the program that trained it.
  package let version: String
  /// Name of the processor.
  package let machine: String

  /// The id of the trial.
  package var id: String { trial.id }
  /// Share of right answers, in percent.
  package var accuracy: Tally { Tally(correct: correct, images: images) }
}
