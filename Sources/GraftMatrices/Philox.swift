/// Philox4x32-10, a counter-based random function: block `n` of a stream is computed from `n` alone.
///
/// Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011. Because nothing is carried from one
/// block to the next, a training's draws depend on (seed, purpose, epoch, index) and never on scheduling.
package enum Philox {
  /// Computes one block: ten rounds over a 128-bit counter with a 64-bit key.
  @inlinable
  package static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    // In scalars: splitting vectors for the wide products costs more than the products.
    var (x, y, z, w) = (counter.x, counter.y, counter.z, counter.w)
    var (low, high) = (key.x, key.y)
    for round in 0..<10 {
      if round > 0 {
        low &+= 0x9E37_79B9
        high &+= 0xBB67_AE85
      }
      let first = UInt64(x) &* 0xD251_1F53
      let second = UInt64(z) &* 0xCD9E_8D57
      x = UInt32(truncatingIfNeeded: second &>> 32) ^ y ^ low
      z = UInt32(truncatingIfNeeded: first &>> 32) ^ w ^ high
      y = UInt32(truncatingIfNeeded: second)
      w = UInt32(truncatingIfNeeded: first)
    }
    return SIMD4(x, y, z, w)
  }
}
