import GraftFiles

/// A failure of a training whose loss is no longer a finite number. Its weights are those before the step. If the step was an
/// epoch's last, after which no loss would show the divergence, they are those after it and the loss is NaN. The loss is NaN too
/// if outputs for held-out examples are not finite.
public struct Divergence: Failure, Hashable {
  /// Epoch, counted from 1.
  public let epoch: Int
  /// Step, counted from 1 over the whole training.
  package let step: Int
  /// The loss that is not finite.
  package let loss: Double
  /// The learning rate of the step.
  package let learningRate: Double
  /// The last finite loss; nil if there was none.
  package let lastFiniteLoss: Double?

  /// The kind of failure, a divergence.
  public var kind: FailureKind { .diverged }

  /// The failure in words.
  public var description: String {
    let before = lastFiniteLoss.map { "the last finite loss was \($0)" } ?? "no loss before it was finite"
    return "training diverged in epoch \(epoch) at step \(step): the loss is \(loss) with learning rate "
      + "\(learningRate); \(before)"
  }
}
