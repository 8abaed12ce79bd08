import GraftMatrices
import NumericChecks
import Testing

@Suite("Moving a block towards another one")
struct AveragingTests {
  private func block(_ count: Int, seed: UInt64) -> AlignedFloats {
    var stream = RandomStream(RandomKey(seed: seed, purpose: .share))
    var block = AlignedFloats(zeros: count)
    for index in 0..<count { block[index] = stream.uniform(-1, 1) }
    return block
  }

  private func values(_ block: AlignedFloats) -> [Float] { (0..<block.count).map { block[$0] } }

  @Test("a share of the way within the range, nothing outside, and copies keep what they had")
  func approach() {
    var own = block(80, seed: 1)
    let (kept, other) = (own, block(80, seed: 2))
    own.approach(other, by: 0.25, in: 16..<64)
    for index in 0..<80 {
      let expected = (16..<64).contains(index) ? kept[index] + 0.25 * (other[index] - kept[index]) : kept[index]
      #expect(abs(own[index] - expected) < 1e-7)
    }
    #expect(values(kept) == values(block(80, seed: 1)))
    own.approach(other, by: 1, in: 0..<0)
    own.approach(other, by: 0, in: 0..<80)
    #expect(own[20] == kept[20] + 0.25 * (other[20] - kept[20]))
  }

  @Test("the floats of a range are taken over as they are, up to the padded end")
  func copy() {
    var own = block(40, seed: 1)
    let (kept, other) = (own, block(40, seed: 2))
    own.copy(32..<48, of: other)
    #expect(values(own) == Array(values(kept)[..<32] + values(other)[32...]))
  }
}
