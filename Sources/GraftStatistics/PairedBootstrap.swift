import GraftMatrices

/// The bootstrap over images: how the difference between two methods would vary with other test images.
///
/// Each image contributes one difference; images are drawn anew with replacement, as many as there are, and the mean of
/// their differences is taken, many times over. The middle 95 % of these means are the percentile interval (Efron and
/// Tibshirani, "An Introduction to the Bootstrap", 1993, §13.3). Both methods are seen on the same drawn images, so an
/// image that is hard for both cancels.
package struct PairedBootstrap: Sendable {
  /// The usual number of resamples.
  package static let resamples = 2_000

  /// The distinct differences, the most frequent first.
  private let values: [Double]
  /// The numbers of images that have one of the first 0, 1, 2, … of `values`.
  private let before: [Int]
  /// The differences, one per image, in the order of `values`.
  private let differences: [Double]

  /// Creates the bootstrap.
  ///
  /// - Parameter differences: One per test image, at least one.
  package init(differences: [Double]) {
    precondition(!differences.isEmpty)
    var found: [(value: Double, count: Int)] = []
    for value in differences.sorted() {
      if let last = found.last, last.value == value {
        found[found.count - 1].count += 1
      } else {
        found.append((value, 1))
      }
    }
    found.sort { ($1.count, $0.value) < ($0.count, $1.value) }
    values = found.map(\.value)
    before = found.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    self.differences = found.flatMap { Array(repeating: $0.value, count: $0.count) }
  }

  /// The number of images.
  package var images: Int { differences.count }

  /// The mean difference.
  package var mean: Double { Sample(differences).mean }

  /// The mean difference in each of `count` resamples; always the same ones for the same seed.
  ///
  /// The counts of the distinct values in a resample have a multinomial distribution, which falls apart into binomial
  /// ones: how many of the draws fall into the first part of the values, then the same within each part (Devroye,
  /// "Non-Uniform Random Variate Generation", 1986, chapter XI). Means over ten seeds have 21 distinct values, and most
  /// images have the value zero, so this takes far fewer random numbers than drawing images one by one, and is as
  /// exact.
  package func means(resamples count: Int = resamples, seed: UInt64 = 0) -> Sample {
    var stream = RandomStream(RandomKey(seed: seed, purpose: .bootstrap))
    return Sample((0..<count).map { _ in sum(of: images, from: 0..<values.count, &stream) / Double(images) })
  }

  /// The percentile interval of the mean difference.
  package func interval(confidence: Double = 0.95, resamples count: Int = resamples, seed: UInt64 = 0) -> Interval {
    precondition(count > 0)
    guard let interval = means(resamples: count, seed: seed).middle(confidence) else {
      return Interval(low: mean, high: mean)
    }
    return interval
  }

  /// The sum of `draws` differences, drawn with replacement from the images whose values are in `range`.
  private func sum(of draws: Int, from range: Range<Int>, _ stream: inout RandomStream) -> Double {
    if draws == 0 { return 0 }
    if range.count == 1 { return values[range.lowerBound] * Double(draws) }
    let start = before[range.lowerBound]
    let whole = before[range.upperBound] - start
    // A binomial number takes as long as about eight draws, however few trials it has.
    if draws < 8 * range.count {
      return (0..<draws).reduce(0) { sum, _ in sum + differences[start + stream.integer(below: whole)] }
    }
    let middle = split(range)
    let first = stream.binomial(trials: draws, part: before[middle] - start, whole: whole)
    return sum(of: first, from: range.lowerBound..<middle, &stream)
      + sum(of: draws - first, from: middle..<range.upperBound, &stream)
  }

  /// The end of the shortest first part of `range` that has at least half of its images, short of all its values.
  private func split(_ range: Range<Int>) -> Int {
    let half = before[range.lowerBound] + (before[range.upperBound] - before[range.lowerBound] + 1) / 2
    var (low, high) = (range.lowerBound + 1, range.upperBound - 1)
    while low < high {
      let middle = (low + high) / 2
      if before[middle] < half { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension PairedBootstrap {
  /// The mean of `differences` in each of the given resamples, image by image: the long way to
  /// `means(resamples:seed:)`.
  ///
  /// - Parameter resamples: Indices of images.
  package static func means(of differences: [Double], in resamples: [[Int]]) -> Sample {
    Sample(resamples.map { indices in Sample(indices.map { differences[$0] }).mean })
  }
}
