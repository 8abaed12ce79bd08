/// The weights of one axis for a range of new pixels, laid out for `ResamplingKernel`.
///
/// A processor multiplies and adds pairs of 16-bit numbers in one step. Each weight is therefore split into
/// 2¹¹ · high + low, with 0 ≤ low < 2¹¹, and two neighbouring old pixels make a pair. If their number is odd, the last
/// pair ends with a 0.
struct ResamplingWeights: Sendable {
  /// The weights of two old pixels by turns, four times.
  struct Pair: Sendable {
    let high: SIMD8<Int16>
    let low: SIMD8<Int16>

    init(_ first: Int32, _ second: Int32) {
      high = Pair.repeated(first >> lowBits, second >> lowBits)
      low = Pair.repeated(first & (1 << lowBits - 1), second & (1 << lowBits - 1))
    }

    private static func repeated(_ even: Int32, _ odd: Int32) -> SIMD8<Int16> {
      var parts = SIMD8<Int16>()
      parts.evenHalf = SIMD4(repeating: Int16(even))
      parts.oddHalf = SIMD4(repeating: Int16(odd))
      return parts
    }
  }

  let axis: ResamplingAxis
  /// The new pixels.
  let pixels: Range<Int>
  let pairs: [Pair]
  /// For each new pixel and the end: where its pairs begin.
  let starts: [Int]
  /// For each new pixel: the old ones.
  let taps: [Range<Int>]
  /// The most old pixels that make a new one.
  let mostTaps: Int

  init(_ axis: ResamplingAxis, pixels: Range<Int>) {
    self.axis = axis
    self.pixels = pixels
    var pairs: [Pair] = []
    var starts = [0]
    for pixel in pixels {
      let weights = axis.weights(of: pixel)
      for index in stride(from: 0, to: weights.count, by: 2) {
        pairs.append(Pair(weights[index], index + 1 < weights.count ? weights[index + 1] : 0))
      }
      starts.append(pairs.count)
    }
    self.pairs = pairs
    self.starts = starts
    taps = pixels.map { axis.taps(of: $0) }
    mostTaps = taps.reduce(0) { max($0, $1.count) }
  }

  /// Bits of the low part of a weight.
  static let lowBits: Int32 = 11
}
