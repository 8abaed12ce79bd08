/// The record of one epoch of a training.
public struct EpochRecord: Sendable, Hashable, Codable {
  /// Results on the examples that are watched.
  public struct HeldOut: Sendable, Hashable, Codable {
    /// The mean loss over the images if weights are chosen by it; otherwise the study's, the unweighted mean over shuffled
    /// batches.
    public let loss: Double
    /// Number of right answers.
    public let correct: Int
    /// Number of images.
    package let images: Int
  }

  /// The epoch, counted from 1.
  public let epoch: Int
  /// Mean of the batches' losses, each before its update.
  public let trainLoss: Double
  /// Results on the watched examples; nil if nothing is watched.
  public let heldOut: HeldOut?
  /// Seconds of training since the start, without the evaluations.
  public let seconds: Double

  /// The watched examples' loss; NaN if nothing is watched.
  package var testLoss: Double { heldOut?.loss ?? .nan }
  /// Right answers on the watched examples.
  package var correct: Int { heldOut?.correct ?? 0 }
}
