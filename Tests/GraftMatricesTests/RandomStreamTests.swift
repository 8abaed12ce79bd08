import GraftMatrices
import Testing

@Suite struct RandomStreamTests {
  private func stream(_ index: Int = 0, seed: UInt64 = 11) -> RandomStream {
    RandomStream(RandomKey(seed: seed, purpose: .bootstrap, index: index))
  }

  private func words(_ key: RandomKey, _ count: Int = 64) -> [UInt32] {
    var stream = RandomStream(key)
    return (0..<count).map { _ in stream.nextWord() }
  }

  @Test("words are the blocks of the key's counter, one after the other")
  func layout() {
    let key = RandomKey(seed: 0x1234_5678_9ABC_DEF0, purpose: .shuffle, index: 77)
    let expected = (UInt32(0)..<3).flatMap { block in
      let words = Philox.block(counter: SIMD4(block, 0, 77, 2), key: SIMD2(0x9ABC_DEF0, 0x1234_5678))
      return (0..<4).map { words[$0] }
    }
    #expect(words(key, 12) == expected)
  }

  @Test("the same key gives the same numbers, any other key other ones")
  func keys() {
    let purposes: [RandomPurpose] = [
      .initialWeights, .shuffle, .share, .evaluationOrder, .validationSplit, .dropout, .augmentation, .testSplit,
      .syntheticDigits, .bootstrap,
    ]
    var keys = purposes.map { RandomKey(seed: 1, purpose: $0) }
    keys += (1...20).map { RandomKey(seed: 1, purpose: .shuffle, index: $0) }
    keys += [0, 2, 1 << 32, 1 << 63].map { RandomKey(seed: $0, purpose: .shuffle) }
    let all = keys.map { words($0) }
    #expect(all == keys.map { words($0) })
    #expect(Set(all).count == keys.count)
    #expect(Set(all.flatMap { $0 }).count > keys.count * 64 - 3, "streams overlap")
  }

  @Test("next() is two words, the first of them the low one")
  func sixtyFourBits() {
    var stream = stream()
    let words = words(RandomKey(seed: 11, purpose: .bootstrap), 4)
    #expect(stream.next() == UInt64(words[0]) | UInt64(words[1]) << 32)
    #expect(stream.next() == UInt64(words[2]) | UInt64(words[3]) << 32)
  }

  @Test("uniform numbers are multiples of 2⁻²⁴ in [0, 1) with mean 1/2 and variance 1/12")
  func uniform() {
    var stream = stream()
    let values = (0..<100_000).map { _ in Double(stream.uniform()) }
    #expect(values.allSatisfy { $0 >= 0 && $0 < 1 && ($0 * 0x1p24).rounded() == $0 * 0x1p24 })
    let (mean, variance) = moments(values)
    #expect(abs(mean - 0.5) < 0.004)
    #expect(abs(variance - 1.0 / 12) < 0.001)
  }

  @Test(
    "uniform(low, high) stays between its bounds", arguments: [(-0.25, 0.25), (3, 4), (-2, -1.5)] as [(Float, Float)])
  func bounds(low: Float, high: Float) {
    var stream = stream()
    let values = (0..<20_000).map { _ in stream.uniform(low, high) }
    #expect(values.allSatisfy { $0 >= low && $0 < high })
    #expect(abs(moments(values.map(Double.init)).mean - Double(low + high) / 2) < 0.01 * Double(high - low))
  }

  @Test("normal numbers have mean 0, variance 1 and a twentieth of them beyond 1.96")
  func normal() {
    var stream = stream()
    let values = (0..<100_000).map { _ in Double(stream.normal()) }
    #expect(values.allSatisfy { $0.isFinite })
    let (mean, variance) = moments(values)
    #expect(abs(mean) < 0.013)
    #expect(abs(variance - 1) < 0.018)
    let beyond = Double(values.count { abs($0) > 1.959964 }) / Double(values.count)
    #expect(abs(beyond - 0.05) < 0.003)
  }

  /// χ² with `bound - 1` degrees of freedom has mean bound - 1 and variance 2 (bound - 1); five deviations.
  @Test("integers below a bound come equally often", arguments: [2, 3, 5, 6, 10, 64, 100, 1000])
  func integers(bound: Int) {
    var stream = stream(bound)
    var counts = [Int](repeating: 0, count: bound)
    let draws = 50 * max(bound, 200)
    for _ in 0..<draws {
      let value = stream.integer(below: bound)
      #expect(value >= 0 && value < bound)
      counts[value] += 1
    }
    let expected = Double(draws) / Double(bound)
    let square = counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
    let freedom = Double(bound - 1)
    #expect(abs(square - freedom) < 5 * (2 * freedom).squareRoot() + 4)
  }

  /// With 3 · 2³⁰ an unfair method (a remainder, or a product without rejection) gives the first third half of the draws.
  @Test("a bound near the word's own range is not biased")
  func largeBound() {
    var stream = stream()
    let bound = 3 << 30
    let first = (0..<30_000).count { _ in stream.integer(below: bound) < bound / 3 }
    #expect(abs(Double(first) / 30_000 - 1.0 / 3) < 0.014)
    let even = (0..<30_000).count { _ in stream.integer(below: bound).isMultiple(of: 3) }
    #expect(abs(Double(even) / 30_000 - 1.0 / 3) < 0.014)
  }

  @Test("the only integer below 1 is 0")
  func one() {
    var stream = stream()
    #expect((0..<100).allSatisfy { _ in stream.integer(below: 1) == 0 })
  }

  @Test("shuffling permutes, and does the same again for the same key", arguments: [0, 1, 2, 3, 10, 1000])
  func shuffle(count: Int) {
    let whole = Array(0..<count)
    func shuffled(_ index: Int) -> [Int] {
      var stream = stream(index)
      var copy = whole
      stream.shuffle(&copy)
      return copy
    }
    #expect(shuffled(1).sorted() == whole)
    #expect(shuffled(1) == shuffled(1))
    if count >= 10 { #expect(shuffled(1) != shuffled(2) && shuffled(1) != whole) }
  }

  @Test("every order of three comes equally often")
  func orders() {
    var stream = stream()
    var counts: [[Int]: Int] = [:]
    for _ in 0..<12_000 {
      var order = [0, 1, 2]
      stream.shuffle(&order)
      counts[order, default: 0] += 1
    }
    #expect(counts.count == 6)
    #expect(counts.values.allSatisfy { abs($0 - 2000) < 200 })
  }

  private func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
  }
}
