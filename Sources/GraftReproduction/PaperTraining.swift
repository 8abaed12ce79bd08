import GraftNetworks
import GraftTraining

/// The outcome of one training of a study: the counts on the target's own test images, and the way there.
package struct PaperTraining: Sendable, Codable {
  /// The system and its target.
  package let task: PaperTask
  /// The seed of the training.
  package let seed: UInt64
  /// The confusion matrix over all outputs of the model; rows and columns that never occur are zero.
  package let confusion: ConfusionMatrix
  /// The output that won for each test image.
  package let predictions: [Int]
  /// The output that should have won for each test image.
  package let labels: [Int]
  /// The records of the epochs.
  package let history: [EpochRecord]
  /// Seconds spent training.
  package let seconds: Double
  /// Parameters that trained.
  package let trainedParameters: Int
  /// SHA-256 of the checkpoint file; nil if none was written.
  package internal(set) var checkpointDigest: String?

  /// Right answers on the test images.
  package var correct: Int { confusion.correct }
  /// Test images.
  package var images: Int { confusion.count }
  /// Right answers among all.
  package var accuracy: Tally { Tally(correct: correct, images: images) }

  /// Accuracy after each epoch, in percent.
  package var accuracies: [Double] { history.map { 100 * Double($0.correct) / Double(images) } }

  /// The first epoch after which the accuracy was at least `percent`, with the seconds until then.
  package func reached(_ percent: Double) -> (epoch: Int, seconds: Double)? {
    history.first { 100 * Double($0.correct) / Double(images) >= percent }.map { ($0.epoch, $0.seconds) }
  }
}
