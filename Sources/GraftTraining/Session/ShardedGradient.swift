import GraftMatrices
import GraftNetworks
import GraftRanks

/// The gradient of a batch as the sum over its shards, in the order of a binary tree: ((s0 + s1) + (s2 + s3)).
///
/// Who computes a shard changes no bit. On several ranks each computes a subtree; the ranks then add their sums pairwise, at doubling distances
/// (recursive doubling: Thakur, Rabenseifner and Gropp, "Optimization of Collective Communication Operations in MPICH", 2005, section 4). Both of
/// a pair add the same two numbers, and a + b has the bits of b + a, so that all ranks end with the same sum.
struct ShardedGradient: Sendable {
  /// Shards of a batch, a power of two.
  let count: Int
  private let ranks: RankTeam?
  /// A sum for each level of this rank's subtree.
  private var sums: [GradientBuffer]

  init(_ count: Int, for parameters: Parameters, on ranks: RankTeam?) {
    let own = count / (ranks?.size ?? 1)
    precondition(count.nonzeroBitCount == 1 && own > 0 && own.nonzeroBitCount == 1)
    self.count = count
    self.ranks = ranks
    sums = (0...own.trailingZeroBitCount).map { _ in GradientBuffer(for: parameters) }
  }

  /// The summed gradient.
  var total: GradientBuffer {
    get { sums[0] }
    set { sums[0] = newValue }
  }

  /// Computes the gradient of a batch.
  ///
  /// - Parameters:
  ///   - images: Images of the batch, at least as many as there are shards.
  ///   - compute: Adds the gradient of some images to a sum, and returns their summed loss.
  /// - Returns: The sum of the losses, the same on all ranks.
  mutating func sum<Failed: Error>(
    over images: Int, _ compute: (Range<Int>, _ shard: Int, inout GradientBuffer) throws(Failed) -> Double
  ) throws(Failed) -> Double {
    let own = count / (ranks?.size ?? 1)
    let first = (ranks?.rank ?? 0) * own
    return try add(first..<first + own, level: 0, images, compute)
  }

  private mutating func add<Failed: Error>(
    _ shards: Range<Int>, level: Int, _ images: Int,
    _ compute: (Range<Int>, _ shard: Int, inout GradientBuffer) throws(Failed) -> Double
  ) throws(Failed) -> Double {
    guard shards.count > 1 else {
      let shard = shards.lowerBound
      sums[level].reset()
      return try compute(shard * images / count..<(shard + 1) * images / count, shard, &sums[level])
    }
    let middle = (shards.lowerBound + shards.upperBound) / 2
    let left = try add(shards.lowerBound..<middle, level: level, images, compute)
    let right = try add(middle..<shards.upperBound, level: level + 1, images, compute)
    let other = sums[level + 1]
    sums[level].add(other)
    return left + right
  }

  /// Adds the other ranks' sums to this one's, which all then have.
  ///
  /// - Parameter loss: This rank's share of the loss; the whole one afterwards.
  mutating func addOthers(loss: inout Double) {
    guard let ranks else { return }
    var distance = 1
    while distance < ranks.size {
      var bytes = sums[0].bytes
      withUnsafeBytes(of: loss) { bytes.append(contentsOf: $0) }
      let received = ranks.exchange(bytes, with: ranks.rank ^ distance)
      sums[0].add(bytes: received)
      loss += received.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: bytes.count - 8, as: Double.self) }
      distance *= 2
    }
  }
}
