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
    self(labels: labels, classWeights: [], of: total.map(Double.init), in: &workspace)
  }

  /// The weighted mean loss of the batch whose logits are in `workspace`, `Σ w[label] · loss / Σ w[label]`. Writes
  /// ∂loss/∂logits to the workspace too. The losses of the examples that it leaves there carry no weights.
  ///
  /// As PyTorch's `CrossEntropyLoss(weight:)` without label smoothing. With it, an example's weight multiplies its whole loss
  /// here; PyTorch multiplies each term of the smoothed target by the weight of that term's class instead.
  ///
  /// - Parameters:
  ///   - labels: The true output of each example of the batch, counted from 0.
  ///   - classWeights: The weight of each output's examples; empty if all have the weight 1.
  ///   - total: Weight of the examples over which a mean is taken, if the batch is part of a larger one.
  ///   - workspace: The workspace of the batch's forward pass.
  package func callAsFunction(
    labels: ArraySlice<Int>, classWeights: [Float], of total: Double? = nil, in workspace: inout Workspace
  ) -> Double {
    let weight = SoftmaxCrossEntropy.weight(of: labels, classWeights)
    let scale: Float =
      switch reduction {
      case .mean: 1 / Float(total ?? weight)
      case .sum(let divisor): 1 / divisor
      }
    let logits = workspace.logits
    let last = workspace.gradients.count - 1
    workspace.gradients[last].softmaxCrossEntropy(
      logits, labels: labels, smoothing: Float(smoothing), gradientScale: scale, losses: &workspace.losses,
      team: workspace.team)
    if !classWeights.isEmpty { workspace.gradients[last].scaleRows(of: labels, by: classWeights) }
    return SoftmaxCrossEntropy.sum(of: workspace.losses, labels, classWeights) / weight
  }

  /// The sum of the weights of examples: their number if `classWeights` is empty.
  package static func weight(of labels: ArraySlice<Int>, _ classWeights: [Float]) -> Double {
    classWeights.isEmpty ? Double(labels.count) : labels.reduce(0) { $0 + Double(classWeights[$1]) }
  }

  /// The sum of examples' losses, each times the weight of its class.
  package static func sum(of losses: [Float], _ labels: ArraySlice<Int>, _ classWeights: [Float]) -> Double {
    var sum = 0.0
    if classWeights.isEmpty {
      for index in 0..<labels.count { sum += Double(losses[index]) }
    } else {
      for (index, label) in labels.enumerated() { sum += Double(classWeights[label]) * Double(losses[index]) }
    }
    return sum
  }
}
