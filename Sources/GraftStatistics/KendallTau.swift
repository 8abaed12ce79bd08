import GraftFiles
import GraftMatrices

/// Kendall's τ-b, how far two quantities order settings alike, from -1, the opposite order, to 1, the same (Kendall,
/// "The treatment of ties in ranking problems", Biometrika 33, 1945).
///
/// τ-b = (C - D) / √((P - T)(P - U)) over all P pairs of settings, of which C are ordered alike, D oppositely, T tied
/// in x and U tied in y. With groups only pairs inside a group count: settings of different groups are not compared.
package struct KendallTau: Sendable {
  /// The usual number of resamples: an interval at 99.5 % leaves out 25 on either side.
  package static let resamples = 10_000

  /// A source and a target with the two quantities that rank them.
  package struct Setting: Sendable {
    /// The source's name.
    package let source: String
    /// The target's name.
    package let target: String
    /// The first quantity, finite.
    package let x: Double
    /// The second quantity, finite.
    package let y: Double

    /// Creates a setting.
    ///
    /// - Parameters:
    ///   - x: Finite.
    ///   - y: Finite.
    package init(source: String, target: String, x: Double, y: Double) {
      precondition(x.isFinite && y.isFinite)
      self.source = source
      self.target = target
      self.x = x
      self.y = y
    }
  }

  private struct Sums {
    var agreement = 0
    var untiedInX = 0
    var untiedInY = 0

    mutating func add(_ other: Sums, times weight: Int = 1) {
      agreement += weight * other.agreement
      untiedInX += weight * other.untiedInX
      untiedInY += weight * other.untiedInY
    }

    /// The sums of one pair.
    init(_ a: Setting, _ b: Setting) {
      let (x, y) = (a.x < b.x ? 1 : a.x > b.x ? -1 : 0, a.y < b.y ? 1 : a.y > b.y ? -1 : 0)
      (agreement, untiedInX, untiedInY) = (x * y, abs(x), abs(y))
    }

    init() {}

    var tau: Double? {
      guard untiedInX > 0, untiedInY > 0 else { return nil }
      // One root of the product, which is exact: the root of a square is too, so perfect agreement is 1 to the bit.
      return Double(agreement) / (Double(untiedInX) * Double(untiedInY)).squareRoot()
    }
  }

  /// The sums over all pairs of settings of one source and another, or of one source alone: a resample weighs them
  /// alike.
  private struct SourcePair {
    let one: Int
    let other: Int
    let sums: Sums
  }

  /// The sources of each target, which are numbered from target to target.
  private let targets: [Range<Int>]
  private let pairs: [SourcePair]

  /// Counts the pairs inside each group.
  ///
  /// - Parameter groups: A source has at most one setting for a target in a group, or several that differ in their
  ///   labels.
  package init(groups: [[Setting]]) {
    let settings = groups.joined()
    var numbers: [String: [String: Int]] = [:]
    var targets: [Range<Int>] = []
    for target in settings.map(\.target).firstOccurrences {
      let first = targets.last?.upperBound ?? 0
      let sources = settings.filter { $0.target == target }.map(\.source).firstOccurrences
      numbers[target] = Dictionary(uniqueKeysWithValues: zip(sources, first...))
      targets.append(first..<first + sources.count)
    }
    let count = targets.last?.upperBound ?? 0
    var sums = [Sums](repeating: Sums(), count: count * count)
    for group in groups {
      let places = group.map { numbers[$0.target]?[$0.source] ?? 0 }
      for i in group.indices {
        for j in group.indices.dropFirst(i + 1) {
          let place = min(places[i], places[j]) * count + max(places[i], places[j])
          sums[place].add(Sums(group[i], group[j]))
        }
      }
    }
    self.targets = targets
    pairs = sums.enumerated().filter { $0.element.untiedInX > 0 || $0.element.untiedInY > 0 }.map { place, sums in
      SourcePair(one: place / count, other: place % count, sums: sums)
    }
  }

  /// τ-b; nil if every pair is tied in x, or every pair in y, or there is none.
  package var value: Double? {
    var sums = Sums()
    for pair in pairs { sums.add(pair.sums) }
    return sums.tau
  }

  /// The interval that other sources of the same kind would agree with; nil if `value` is, or without enough sources.
  ///
  /// It is the percentile bootstrap over sources (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993,
  /// §13.3). Sources are drawn whole, because a source that is ahead with few labels is ahead with many (the cluster
  /// bootstrap: Davison and Hinkley, "Bootstrap Methods and their Application", 1997, §3.8).
  ///
  /// The sources of each target are drawn anew with replacement, and a setting counts as often as its source was drawn
  /// for its target, in every group. A pair of two copies of one setting is no pair: it would be tied, and pull every
  /// resample towards zero. Resamples in which all pairs are tied are left out.
  ///
  /// - Complexity: O(resamples · sources²), however many settings a source has.
  package func interval(
    confidence: Double = 0.95, resamples count: Int = resamples, seed: UInt64 = 0
  ) -> Interval? {
    guard value != nil, hasEnoughSources(confidence: confidence) else { return nil }
    var stream = RandomStream(RandomKey(seed: seed, purpose: .bootstrap))
    return Sample((0..<count).compactMap { _ in resampled(&stream) }).middle(confidence)
  }

  /// Whether there are sources enough that chance seldom makes all pairs agree, or all disagree.
  ///
  /// If all pairs agree, all pairs of every resample agree too, and the interval is one point. The n sources of a
  /// target can stand in n! orders, at most one of which agrees with every pair and one with none. Settings of one
  /// source at other numbers of labels are no further orders: it keeps its place.
  package func hasEnoughSources(confidence: Double) -> Bool {
    let orders = targets.reduce(1.0) { product, sources in (1...sources.count).reduce(product) { $0 * Double($1) } }
    // 1 - confidence is rounded.
    return 2 / orders <= (1 - confidence) * (1 + 1e-9)
  }

  private func resampled(_ stream: inout RandomStream) -> Double? {
    var copies = [Int](repeating: 0, count: targets.last?.upperBound ?? 0)
    for sources in targets {
      for _ in sources { copies[sources.lowerBound + stream.integer(below: sources.count)] += 1 }
    }
    var sums = Sums()
    for pair in pairs { sums.add(pair.sums, times: copies[pair.one] * copies[pair.other]) }
    return sums.tau
  }
}
