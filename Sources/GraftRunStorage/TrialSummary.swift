import GraftWorkbench

/// A finished trial without its long lists: what a table of trials shows.
public struct TrialSummary: Sendable, Hashable, Identifiable {
  public let trial: Trial
  /// Right answers on the test images, and how many images there are.
  public let correct: Int
  public let images: Int
  /// Mean loss over the test images.
  public let loss: Double
  /// Spent on the training proper, and on trying settings before it.
  public let seconds: Double
  public let choosingSeconds: Double
  /// SHA-256 of the checkpoint file, where one was kept.
  public let checkpointDigest: String?
  /// Seconds since 1970 when it was finished.
  public let created: Double
  /// Of the program that trained it.
  public let version: String
  /// The processor's name.
  public let machine: String

  public var id: String { trial.id }
  /// In percent.
  public var accuracy: Double { 100 * Double(correct) / Double(max(images, 1)) }
}
