/// Batch normalisation: each channel minus its mean over the batch, divided by its deviation, then times a learned gain plus a
/// learned shift (Ioffe and Szegedy, "Batch Normalization", ICML 2015, algorithm 1; PyTorch's `BatchNorm2d`).
///
/// In training the mean and variance of the batch are used, and running ones follow them; in evaluation the running ones. A layer
/// that is held uses the running ones in training too, and they do not move: otherwise "frozen" features would drift with the
/// target's images.
public struct BatchNorm: Sendable, Hashable {
  /// The gain γ of each channel, `bnN.weight`.
  public let gain: ParameterSlice
  /// The shift β, `bnN.bias`.
  public let shift: ParameterSlice
  public let runningMean: ParameterSlice
  public let runningVariance: ParameterSlice

  /// Added to a variance before its root is taken (PyTorch's default).
  public static let epsilon = 1e-5
  /// The weight of the newest batch in the running statistics (PyTorch's default).
  public static let momentum: Float = 0.1

  var learned: [ParameterSlice] { [gain, shift] }
}
