/// A filter for pictures of another size: a weight for each distance between an old and a new pixel.
///
/// Both are Pillow's, `BILINEAR` and `BICUBIC` of `src/libImaging/Resample.c`. If a picture shrinks, the filter becomes
/// as wide as the reduction, so that each old pixel counts (torchvision's `antialias=True`).
package enum ResamplingFilter: String, Sendable, Hashable, CaseIterable {
  /// A triangle that reaches one pixel to each side.
  case bilinear
  /// The cubic convolution of Keys with a = -1/2, which reaches two pixels to each side (R. Keys, "Cubic Convolution
  /// Interpolation for Digital Image Processing", IEEE Transactions on Acoustics, Speech, and Signal Processing 29(6),
  /// 1981, equation 15). Its negative weights may leave the range of a sample; such sums are clipped.
  case bicubic

  /// The distance at which the filter ends, in pixels of the coarser of the two grids.
  var support: Double { self == .bilinear ? 1 : 2 }

  /// The weight at a distance, not yet normalised. The order of the operations is Pillow's.
  func weight(at distance: Double) -> Double {
    let x = abs(distance)
    switch self {
    case .bilinear:
      return x < 1 ? 1 - x : 0
    case .bicubic:
      if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0
    }
  }
}
