/// Batch normalisation: each channel minus its mean over the batch, divided by its deviation, then times a learned gain plus a
/// learned shift (Ioffe and Szegedy, "Batch Normalization", ICML 2015, algorithm 1; PyTorch's `BatchNorm2d`).
///
/// Training uses the mean and variance of the batch, which the running ones follow; evaluation uses the running ones. A frozen
/// layer uses the running ones in training too, and they do not move: otherwise "frozen" features would drift with the target's
/// images.
package struct BatchNorm: Sendable, Hashable {
  /// The gain γ of each channel, `bnN.weight`.
  package let gain: ParameterSlice
  /// The shift β of each channel, `bnN.bias`.
  package let shift: ParameterSlice
  /// The running mean of each channel, `bnN.running_mean`.
  package let runningMean: ParameterSlice
  /// The running variance of each channel, `bnN.running_var`.
  package let runningVariance: ParameterSlice

  /// Added to a variance before its root is taken.
  package let epsilon: Double
  /// The weight of the newest batch in the running statistics.
  package let momentum: Float

  var learned: [ParameterSlice] { [gain, shift] }
}

/// The numbers of a normalisation that are not learned.
package struct NormShape: Sendable, Hashable {
  /// Added to a variance before its root is taken.
  package let epsilon: Double
  /// The weight of the newest batch in the running statistics.
  package let momentum: Float

  package init(epsilon: Double = 1e-5, momentum: Float = 0.1) {
    precondition(epsilon > 0 && momentum > 0 && momentum <= 1)
    self.epsilon = epsilon
    self.momentum = momentum
  }

  /// PyTorch's default: 1e-5 and 0.1.
  package static let usual = NormShape()
}
