/// A test of a mean gain that other seeds and other test images could both have changed.
///
/// Two t-tests are made, and p is the larger of their two:
/// - over seeds and images: t = ḡ / √(vₛ + vᵢ), with vₛ = s² / S over the S seeds' gains and vᵢ = s² / N over the N images'
///   differences, averaged over seeds. This is min F′ (Clark, "The language-as-fixed-effect fallacy", Journal of Verbal Learning
///   and Verbal Behavior 12, 1973), with the degrees of freedom of Satterthwaite ("An approximate distribution of estimates of
///   variance components", Biometrics Bulletin 2, 1946).
/// - over seeds alone: Student's paired t-test, S - 1 degrees of freedom (``PairedTest``).
///
/// The first is not enough. If few seeds agree by chance, vₛ is too small and the degrees of freedom jump to the images' own.
/// Holm's correction looks at exactly that tail: in a study of 18 comparisons in which nothing differs, 64 % of the studies with
/// two seeds would find something. The larger of the two finds something in at most 7 % (`GainTestTests`).
package struct GainTest: Sendable, Hashable {
  /// A t-test: a standard error and its degrees of freedom.
  private struct Part: Hashable {
    let error: Double
    let freedom: Double

    /// The t-statistic; zero if both the difference and its error are zero.
    func t(_ difference: Double) -> Double {
      if difference == 0 { return 0 }
      return error > 0 ? difference / error : difference > 0 ? .infinity : -.infinity
    }

    func twoSided(_ difference: Double) -> Double {
      let t = t(difference)
      return t.isInfinite ? 0 : StudentT(degreesOfFreedom: freedom).twoSided(t)
    }

    /// The probability P(T ≥ t).
    func above(_ difference: Double) -> Double {
      let half = twoSided(difference) / 2
      return difference > 0 ? half : 1 - half
    }

    func quantile(_ p: Double) -> Double { StudentT(degreesOfFreedom: freedom).quantile(p) * error }
  }

  /// The gains, method minus control, in points: one per seed, at least two.
  package let gain: Sample
  /// The squared standard error that the choice of test images gives the mean gain, in points².
  package let imageVariance: Double
  /// Test images.
  package let images: Int

  /// Creates the test; nil for one seed or one image, which have no spread.
  package init?(gain: Sample, imageVariance: Double, images: Int) {
    guard gain.count > 1, images > 1 else { return nil }
    precondition(imageVariance >= 0)
    self.gain = gain
    self.imageVariance = imageVariance
    self.images = images
  }

  /// The squared standard error that the choice of seeds gives the mean gain, in points².
  package var seedVariance: Double {
    // The mean of equal numbers is rounded, and their deviation need not come out as zero.
    guard let deviation = gain.deviation, !gain.values.allSatisfy({ $0 == gain.values[0] }) else { return 0 }
    return deviation * deviation / Double(gain.count)
  }

  private var overSeeds: Part { Part(error: seedVariance.squareRoot(), freedom: Double(gain.count - 1)) }

  private var overBoth: Part {
    GainTest.both(seedVariance: seedVariance, imageVariance, seeds: gain.count, images: images)
  }

  private static func both(seedVariance: Double, _ imageVariance: Double, seeds: Int, images: Int) -> Part {
    let sum = seedVariance + imageVariance
    guard sum > 0 else { return Part(error: 0, freedom: Double(images - 1)) }
    let freedom =
      sum * sum
      / (seedVariance * seedVariance / Double(seeds - 1) + imageVariance * imageVariance / Double(images - 1))
    return Part(error: sum.squareRoot(), freedom: freedom)
  }

  /// The probability that the seeds alone make such a mean gain on these images.
  package var pOverSeeds: Double { overSeeds.twoSided(gain.mean) }

  /// The probability that seeds and images together make such a mean gain, by min F′ alone: never larger than `pValue`.
  package var pOverBoth: Double { overBoth.twoSided(gain.mean) }

  /// The two-sided probability of a mean gain at least as large in units of its error, if there is none.
  package var pValue: Double { max(pOverSeeds, pOverBoth) }

  /// All mean gains that the test does not reject, in points: the interval that belongs to `pValue`.
  ///
  /// It leaves out zero exactly if `pValue` is below 1 - `confidence`.
  package func interval(confidence: Double = 0.95) -> Interval {
    let half = max(overSeeds.quantile((1 + confidence) / 2), overBoth.quantile((1 + confidence) / 2))
    return Interval(low: gain.mean - half, high: gain.mean + half)
  }

  /// The p of the opposite question: the probability of a mean gain at least as near to zero, if the true one is `margin` or more.
  ///
  /// Two one-sided tests, the larger of their p-values (Schuirmann, "A comparison of the two one-sided tests procedure and the
  /// power approach for assessing the equivalence of average bioavailability", Journal of Pharmacokinetics and Biopharmaceutics
  /// 15, 1987), each the larger of the two t-tests above.
  ///
  /// - Parameter margin: In points, greater than 0.
  package func equivalenceP(margin: Double) -> Double {
    precondition(margin > 0)
    return [overSeeds, overBoth].reduce(0) {
      max($0, $1.above(margin - gain.mean), $1.above(gain.mean + margin))
    }
  }

  /// The smallest gain that would be shown in `power` of studies like this one, in points.
  ///
  /// (t₁₋ₗ⸝₂ + t_power) standard errors (Bloom, "Minimum detectable effects", Evaluation Review 19, 1995), of the test that asks
  /// for more.
  ///
  /// - Parameter level: The p below which a difference counts as shown.
  package func detectable(level: Double, power: Double = 0.8) -> Double {
    max(GainTest.detectable(overSeeds, level, power), GainTest.detectable(overBoth, level, power))
  }

  private static func detectable(_ part: Part, _ level: Double, _ power: Double) -> Double {
    part.quantile(1 - level / 2) + part.quantile(power)
  }

  /// The seeds with which a gain of `gain` points would be shown in `power` of studies like this one; nil if no number of
  /// seeds up to `most` is enough, because too few test images are left to tell.
  ///
  /// More seeds shrink their own part of the variance only. The images' part is taken as it is, which is rather too large, since
  /// it contains noise of single answers that more seeds average out.
  ///
  /// - Complexity: O(log `most`) evaluations of Student's quantile.
  package func seedsNeeded(toShow gain: Double, level: Double, power: Double = 0.8, most: Int = 1_000) -> Int? {
    precondition(gain > 0)
    let spread = seedVariance * Double(self.gain.count)
    func isEnough(_ seeds: Int) -> Bool {
      let own = spread / Double(seeds)
      let parts = [
        Part(error: own.squareRoot(), freedom: Double(seeds - 1)),
        GainTest.both(seedVariance: own, imageVariance, seeds: seeds, images: images),
      ]
      return parts.allSatisfy { GainTest.detectable($0, level, power) <= gain }
    }
    guard isEnough(most) else { return nil }
    var (low, high) = (1, most)  // `low` is not enough, `high` is.
    while high - low > 1 {
      let middle = (low + high) / 2
      if isEnough(middle) { high = middle } else { low = middle }
    }
    return high
  }
}
