import GraftMatrices
import NumericChecks
import Testing

@Suite struct AlignedFloatsTests {
  @Test("a copy shares memory until one of the two is written")
  func copyOnWrite() {
    var a = AlignedFloats(zeros: 40)
    a[3] = 5
    let place = a.address
    var b = a
    #expect(b.address == place)
    b[3] = 7
    #expect(a[3] == 5 && b[3] == 7)
    #expect(a.address == place && b.address != place)
    let own = b.address
    b[4] = 1
    b.withMutableFloats { $0[5] = 2 }
    b.setToZero()
    #expect(b.address == own, "a unique value was copied")
  }

  @Test("each way of writing leaves a copy as it was")
  func everyWriter() {
    var original = AlignedFloats(zeros: 20)
    for index in 0..<20 { original[index] = Float(index) }
    let kept = original
    original.setToZero()
    #expect(kept[19] == 19 && original[19] == 0)
    let zeros = original
    original.withMutableFloats { $0[7] = 3 }
    #expect(zeros[7] == 0 && original[7] == 3)
  }

  @Test("a block begins on a cache line and is as long as was asked for", arguments: [0, 1, 15, 16, 17, 1000])
  func layout(count: Int) {
    let block = AlignedFloats(zeros: count)
    #expect(block.count == count)
    #expect(block.address % 64 == 0)
    let padded = (count + 15) / 16 * 16
    block.withFloats { floats in #expect((0..<padded).allSatisfy { floats[$0] == 0 }) }
  }

  @Test("equality is of bits")
  func equality() {
    func block(_ values: [Float]) -> AlignedFloats {
      var block = AlignedFloats(zeros: values.count)
      for (index, value) in values.enumerated() { block[index] = value }
      return block
    }
    #expect(block([1, 2]) == block([1, 2]))
    #expect(block([1, 2]) != block([1, 3]))
    #expect(block([1, 2]) != block([1, 2, 0]))
    #expect(block([.nan]) == block([.nan]))
    #expect(block([0]) != block([-0.0]))
    #expect(Set([block([1, .nan]), block([1, .nan]), block([0]), block([-0.0])]).count == 3)
  }

  @Test("one number that is not finite is noticed", arguments: [Float.nan, .infinity, -.infinity])
  func finite(value: Float) {
    var block = AlignedFloats(zeros: 33)
    #expect(block.isFinite)
    block[32] = value
    #expect(!block.isFinite)
  }
}
