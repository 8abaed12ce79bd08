import Matrices
import Training

/// How far two quantities order settings alike: Kendall's τ-b, from -1, the opposite order, to 1, the same (Kendall, "The
/// treatment of ties in ranking problems", Biometrika 33, 1945).
///
/// τ-b = (C - D) / √((P - T)(P - U)) over all P pairs of settings, of which C are ordered alike, D oppositely, T tied in x
/// and U tied in y. With groups only pairs inside a group count: what differs from group to group is compared with nothing.
public struct KendallTau: Sendable {
  public static let resamples = 2_000

  private struct Pair {
    /// 1 where ordered alike, -1 where oppositely, 0 where tied.
    let sign: Int
    let isUntiedInX: Bool
    let isUntiedInY: Bool
  }

  private struct Group {
    let count: Int
    /// Of settings i < j, in the order (0, 1), (0, 2), …, (1, 2), ….
    let pairs: [Pair]
  }

  private struct Sums {
    var agreement = 0
    var untiedInX = 0
    var untiedInY = 0

    mutating func add(_ pair: Pair, times weight: Int) {
      agreement += weight * pair.sign
      if pair.isUntiedInX { untiedInX += weight }
      if pair.isUntiedInY { untiedInY += weight }
    }

    var tau: Double? {
      guard untiedInX > 0, untiedInY > 0 else { return nil }
      // One root of the product, which is exact: that of a square is too, so perfect agreement is 1 to the bit.
      return Double(agreement) / (Double(untiedInX) * Double(untiedInY)).squareRoot()
    }
  }

  private let groups: [Group]

  /// - Parameter groups: Finite numbers.
  public init(groups: [[(x: Double, y: Double)]]) {
    self.groups = groups.map { settings in
      precondition(settings.allSatisfy { $0.x.isFinite && $0.y.isFinite })
      var pairs: [Pair] = []
      for (i, a) in settings.enumerated() {
        for b in settings.dropFirst(i + 1) {
          let (x, y) = (a.x < b.x ? 1 : a.x > b.x ? -1 : 0, a.y < b.y ? 1 : a.y > b.y ? -1 : 0)
          pairs.append(Pair(sign: x * y, isUntiedInX: x != 0, isUntiedInY: y != 0))
        }
      }
      return Group(count: settings.count, pairs: pairs)
    }
  }

  /// τ-b; nil where every pair is tied in x, or every pair in y, or there is none.
  public var value: Double? {
    var sums = Sums()
    for group in groups { for pair in group.pairs { sums.add(pair, times: 1) } }
    return sums.tau
  }

  /// What other settings of the same kind would say: the percentile bootstrap over settings (Efron and Tibshirani, "An
  /// Introduction to the Bootstrap", 1993, §13.3). Nil where ``value`` is.
  ///
  /// Settings are drawn anew with replacement within each group. A pair of two copies of one setting is no pair: it would be
  /// tied, and pull every resample towards zero. Resamples in which all pairs are tied are left out. Where all pairs
  /// agree, so do those of every resample, and the interval is one point: so there is none where the settings are so few that
  /// chance alone makes all of them agree, or all disagree, more often than one time in twenty.
  public func interval(
    confidence: Double = 0.95, resamples count: Int = resamples, seed: UInt64 = 0
  ) -> Interval? {
    guard value != nil, orders >= 2 / 0.05 else { return nil }
    var stream = RandomStream(RandomKey(seed: seed, purpose: .bootstrap))
    return Sample((0..<count).compactMap { _ in resampled(&stream) }).middle(confidence)
  }

  /// How many orders the settings can stand in, within their groups: of n settings n!. At most one of them agrees with every pair.
  private var orders: Double {
    groups.reduce(1) { product, group in (0..<group.count).reduce(product) { $0 * Double($1 + 1) } }
  }

  private func resampled(_ stream: inout RandomStream) -> Double? {
    var sums = Sums()
    for group in groups where group.count > 1 {
      var copies = [Int](repeating: 0, count: group.count)
      for _ in 0..<group.count { copies[stream.integer(below: group.count)] += 1 }
      var place = 0
      for i in 0..<group.count {
        if copies[i] > 0 {
          for j in (i + 1)..<group.count where copies[j] > 0 {
            sums.add(group.pairs[place + j - i - 1], times: copies[i] * copies[j])
          }
        }
        place += group.count - i - 1
      }
    }
    return sums.tau
  }
}
