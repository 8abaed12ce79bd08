/// What one epoch of a training left behind.
public struct EpochRecord: Sendable, Hashable, Codable {
  /// How the model did on the examples that are watched.
  public struct HeldOut: Sendable, Hashable, Codable {
    /// The mean over the images if weights are chosen by it; otherwise the study's, the unweighted mean over shuffled batches.
    public let loss: Double
    /// Right answers.
    public let correct: Int
    public let images: Int
  }

  /// Counted from 1.
  public let epoch: Int
  /// Mean of the batches' losses, each before its update.
  public let trainLoss: Double
  /// Nil where nothing is watched.
  public let heldOut: HeldOut?
  /// Spent training since the start, without the evaluations.
  public let seconds: Double

  /// The watched examples' loss; NaN where nothing is watched.
  public var testLoss: Double { heldOut?.loss ?? .nan }
  /// Right answers on the watched examples.
  public var correct: Int { heldOut?.correct ?? 0 }
}
