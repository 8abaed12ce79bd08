import GraftNetworks
import GraftTraining

/// What one training of a study left behind: the counts on the target's own test images, and how it got there.
public struct TrainingOutcome: Sendable, Codable {
  public let task: StudyTask
  public let seed: UInt64
  /// Over all outputs of the model; rows and columns that never occur are zero.
  public let confusion: ConfusionMatrix
  /// The output that won for each test image, and the one that should have.
  public let predictions: [Int]
  public let labels: [Int]
  public let history: [EpochRecord]
  /// Spent training.
  public let seconds: Double
  /// Parameters that trained.
  public let trainedParameters: Int
  /// SHA-256 of the checkpoint file; nil where none was written.
  public let checkpointDigest: String?

  public var correct: Int { confusion.correct }
  public var images: Int { confusion.count }
  /// In percent.
  public var accuracy: Double { 100 * Double(correct) / Double(max(images, 1)) }

  /// Accuracy after each epoch, in percent.
  public var accuracies: [Double] { history.map { 100 * Double($0.correct) / Double(images) } }

  /// The first epoch after which the accuracy was at least `percent`, with the seconds until then.
  public func reached(_ percent: Double) -> (epoch: Int, seconds: Double)? {
    history.first { 100 * Double($0.correct) / Double(images) >= percent }.map { ($0.epoch, $0.seconds) }
  }
}
