import GraftKernelCalls

/// The purpose of a random number. Numbers of different purposes never meet, whatever else is drawn.
public enum RandomPurpose: UInt32, Sendable {
  case initialWeights = 1
  case shuffle = 2
  case share = 3
  case evaluationOrder = 4
  case validationSplit = 5
  case dropout = 6
  case augmentation = 7
  case syntheticDigits = 8
  case bootstrap = 9
  case testSplit = 10
}

/// The name of one stream of random numbers: a seed, a purpose, and an index of 32 bits (an epoch, a layer, an image).
public struct RandomKey: Sendable, Hashable {
  /// The seed of the training or of the data.
  package let seed: UInt64
  /// The purpose that the numbers are drawn for.
  package let purpose: RandomPurpose
  /// The epoch, layer, image or other number that tells streams of one purpose apart.
  package let index: UInt32

  /// The key of the stream for `seed`, `purpose` and `index`; of the index the low 32 bits count.
  public init(seed: UInt64, purpose: RandomPurpose, index: Int = 0) {
    self.seed = seed
    self.purpose = purpose
    self.index = UInt32(truncatingIfNeeded: index)
  }
}

/// The random numbers of a key, in order; always the same ones, on every machine.
///
/// Swift's own `shuffled(using:)` and `random(in:using:)` may change between releases, so the algorithms are spelled out.
package struct RandomStream: RandomNumberGenerator, Sendable {
  private let key: SIMD2<UInt32>
  private let high: SIMD2<UInt32>
  private var position: UInt64 = 0
  private var words = SIMD4<UInt32>()
  private var used = 4

  /// The stream of `key`, from its first number on.
  package init(_ key: RandomKey) {
    self.key = SIMD2(UInt32(truncatingIfNeeded: key.seed), UInt32(truncatingIfNeeded: key.seed >> 32))
    high = SIMD2(key.index, key.purpose.rawValue)
  }

  /// The next 32 random bits.
  package mutating func nextWord() -> UInt32 {
    if used == 4 {
      let low = SIMD2(UInt32(truncatingIfNeeded: position), UInt32(truncatingIfNeeded: position >> 32))
      words = Philox.block(counter: SIMD4(lowHalf: low, highHalf: high), key: key)
      position &+= 1
      used = 0
    }
    defer { used += 1 }
    return words[used]
  }

  /// The next 64 random bits.
  package mutating func next() -> UInt64 { UInt64(nextWord()) | UInt64(nextWord()) << 32 }

  /// A uniform number in [0, 1), a multiple of 2⁻²⁴.
  package mutating func uniform() -> Float { Float(nextWord() >> 8) * 0x1p-24 }

  /// A uniform number in [`low`, `high`).
  package mutating func uniform(_ low: Float, _ high: Float) -> Float { low + (high - low) * uniform() }

  /// A normal number with mean 0 and variance 1: the polar method (Marsaglia and Bray, SIAM Review 6, 1964).
  package mutating func normal() -> Float {
    while true {
      let x = 2 * uniform() - 1
      let y = 2 * uniform() - 1
      let square = x * x + y * y
      if square > 0 && square < 1 { return x * (-2 * naturalLogarithm(square) / square).squareRoot() }
    }
  }

  /// A uniform integer in 0..<`bound`, without bias (Lemire, "Fast random integer generation in an interval", 2019).
  package mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0 && bound <= Int(UInt32.max))
    let range = UInt32(bound)
    var product = UInt64(nextWord()) * UInt64(range)
    if UInt32(truncatingIfNeeded: product) < range {
      let threshold = (0 &- range) % range
      while UInt32(truncatingIfNeeded: product) < threshold { product = UInt64(nextWord()) * UInt64(range) }
    }
    return Int(product >> 32)
  }

  /// Shuffles in place: every order is equally likely (Fisher and Yates; Durstenfeld, CACM 7, 1964).
  package mutating func shuffle(_ elements: inout [Int]) {
    guard elements.count > 1 else { return }
    for last in stride(from: elements.count - 1, to: 0, by: -1) {
      elements.swapAt(last, integer(below: last + 1))
    }
  }
}
