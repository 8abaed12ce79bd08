/// One side of a picture that gets another size: old pixels, new pixels, and which of the old ones make each new one.
struct ResamplingAxis: Sendable, Hashable {
  /// Old pixels.
  let source: Int
  /// The old length in pixels: `source`, or less if the last pixel is only partly covered by the picture, as after a
  /// reduction by a power of two that does not divide the side.
  let extent: Double
  /// New pixels.
  let resized: Int
  let filter: ResamplingFilter

  /// If each new pixel is the old one at its place. Both filters give this result; none is computed.
  var isIdentity: Bool { resized == source && extent == Double(source) }

  /// Old pixels per new pixel.
  private var scale: Double { extent / Double(resized) }

  /// Half the length of old pixels that makes a new one.
  private var support: Double { filter.support * max(scale, 1) }

  /// The old pixels that make a new one. Both ends grow with `pixel`.
  func taps(of pixel: Int) -> Range<Int> {
    if isIdentity { return pixel..<pixel + 1 }
    let center = (Double(pixel) + 0.5) * scale
    let first = max(Int(center - support + 0.5), 0)
    return first..<min(Int(center + support + 0.5), source)
  }

  /// The old pixels that make a range of new ones.
  func taps(of pixels: Range<Int>) -> Range<Int> {
    taps(of: pixels.lowerBound).lowerBound..<taps(of: pixels.upperBound - 1).upperBound
  }

  /// The weights of `taps(of:)`, which sum to about 2²², each rounded to an integer with halves away from zero.
  func weights(of pixel: Int) -> [Int32] {
    let one = Double(1 << ResamplingAxis.fraction)
    if isIdentity { return [Int32(one)] }
    let center = (Double(pixel) + 0.5) * scale
    let narrowing = 1 / max(scale, 1)
    let taps = taps(of: pixel)
    let weights = taps.map { filter.weight(at: (Double($0) - center + 0.5) * narrowing) }
    let sum = weights.reduce(0, +)
    return weights.map { weight in
      let fixed = (sum == 0 ? weight : weight / sum) * one
      return Int32(fixed < 0 ? fixed - 0.5 : fixed + 0.5)
    }
  }

  /// Bits behind the binary point of a weight: 32 less 8 of the sample and 2 for sums beyond its range.
  static let fraction = 22
}
