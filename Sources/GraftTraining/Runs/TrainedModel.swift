import GraftData
import GraftFiles
import GraftNetworks

/// A finished training: the model, its history, and its answers to the test images.
public struct TrainedModel: Sendable {
  /// The model with everything that is needed to use it, and the record of its training.
  public internal(set) var checkpoint: Checkpoint
  /// The epochs in order; empty if the head was solved, or if the checkpoint had been finished before.
  public let history: [EpochRecord]
  /// Results on the test images.
  public let evaluation: Evaluation
  /// The output that should have won for each test image.
  package let labels: [Int]
  package let test: Dataset
  /// Number of images that it learnt from.
  package let images: Int
  /// The epoch whose weights the model has; nil if the checkpoint had been finished before.
  package let chosenEpoch: Int?
  /// Seconds spent on solving the head.
  package let solvingSeconds: Double
  /// Bytes of the frozen body's output, computed once.
  package internal(set) var cachedFeatureBytes = 0
  /// SHA-256 of the checkpoint's file; nil if nothing was written.
  package internal(set) var digest: String?

  init(
    checkpoint: Checkpoint, history: [EpochRecord], evaluation: Evaluation, labels: [Int], test: Dataset, images: Int,
    chosenEpoch: Int?, solvingSeconds: Double
  ) {
    self.checkpoint = checkpoint
    self.history = history
    self.evaluation = evaluation
    self.labels = labels
    self.test = test
    self.images = images
    self.chosenEpoch = chosenEpoch
    self.solvingSeconds = solvingSeconds
  }

  /// The trained model.
  package var model: Model { checkpoint.model }

  /// Right answers on the test images.
  public var accuracy: Tally { Tally(correct: evaluation.correct, images: evaluation.count) }

  /// Seconds of training.
  package var seconds: Double { solvingSeconds + (history.last?.seconds ?? 0) }

  /// Whether the checkpoint was there before the training was asked for.
  package var wasFinished: Bool { chosenEpoch == nil }

  /// The class of the data set that the model answers for each test image.
  package var answers: [Int] { evaluation.predictions.map { checkpoint.outputs.classes[$0] } }

  /// Writes the checkpoint, a safetensors file with PyTorch's names and layouts. The file is replaced as a whole or not at all.
  ///
  /// - Returns: Its SHA-256.
  /// - Throws: `FormatError` if a weight is not finite; `FileFailure` if the file cannot be written.
  @discardableResult
  public func save(to path: String) throws -> String { try checkpoint.save(to: path) }

  /// The entry of a checkpoint's record for a transfer's result against its control, in words.
  package static let verdictKey = "verdict"

  /// The same model with the result of its transfer in its record, and the digest that its file will have.
  package func adding(verdict: String) throws -> (model: TrainedModel, bytes: [UInt8]) {
    var own = self
    own.checkpoint.record[TrainedModel.verdictKey] = .string(verdict)
    let bytes = try own.checkpoint.encoded()
    own.digest = SHA256Digest.hex(of: bytes)
    return (own, bytes)
  }
}
