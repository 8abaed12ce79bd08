import GraftMatrices

/// The loss of every training: softmax over the logits, then the negative logarithm of the true class's probability.
public struct SoftmaxCrossEntropy: Sendable, Hashable {
  /// Divisor of the gradients of a batch's examples.
  public enum Reduction: Sendable, Hashable {
    /// The number of examples, for the gradient of the mean loss.
    case mean
    /// A constant: the study's older variant divides the sum over all examples by its ten classes.
    case sum(dividedBy: Float)
  }

  /// Divisor of the gradients of a batch's examples.
  package let reduction: Reduction
  /// Label smoothing s: the target is `(1 - s) onehot(label) + s / classes` instead of certainty; from 0, for none, to less than
  /// 1.
  ///
  /// Szegedy, Vanhoucke, Ioffe, Shlens and Wojna, "Rethinking the Inception architecture for computer vision", CVPR 2016, §7
  /// (PyTorch's `label_smoothing`).
  package let smoothing: Double

  /// A loss with label smoothing from 0, for none, to less than 1.
  public init(reduction: Reduction = .mean, smoothing: Double = 0) {
    precondition(smoothing >= 0 && smoothing < 1)
    self.reduction = reduction
    self.smoothing = smoothing
  }

  /// The mean loss of the batch whose logits are in `workspace`. Writes ∂loss/∂logits to the workspace too.
  ///
  /// - Parameters:
  ///   - labels: The true output of each example of the batch, counted from 0.
  ///   - total: Examples over which a mean is taken, if the batch is part of a larger one.
  ///   - workspace: The workspace of the batch's forward pass.
  public func callAsFunction(labels: ArraySlice<Int>, of total: Int? = nil, in workspace: inout Workspace) -> Double {
    let scale: Float =
      switch reduction {
      case .mean: 1 / Float(total ?? labels.count)
      case .sum(let divisor): 1 / divisor
      }
    let logits = workspace.logits
    workspace.gradients[workspace.gradients.count - 1].softmaxCrossEntropy(
      logits, labels: labels, smoothing: Float(smoothing), gradientScale: scale, losses: &workspace.losses,
      team: workspace.team)
    var sum = 0.0
    for index in 0..<labels.count { sum += Double(workspace.losses[index]) }
    return sum / Double(labels.count)
  }
}
