import GraftFiles

/// A training whose loss stopped being a finite number. The weights are those before the step; but where it was an epoch's last,
/// after which there is no loss that would show it, those after it, and the loss is NaN, as it is if outputs for held-out examples
/// are not finite.
public struct Divergence: Failure, Hashable {
  /// Counted from 1.
  public let epoch: Int
  /// Counted from 1 over the whole training.
  public let step: Int
  public let loss: Double
  public let learningRate: Double
  public let lastFiniteLoss: Double?

  public var kind: FailureKind { .diverged }

  public var description: String {
    let before = lastFiniteLoss.map { "the last finite loss was \($0)" } ?? "no loss before it was finite"
    return "training diverged in epoch \(epoch) at step \(step): the loss is \(loss) with learning rate "
      + "\(learningRate); \(before)"
  }
}
