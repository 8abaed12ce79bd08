/// Whether two methods differ on average over seeds, judged by their differences seed by seed: Student's paired t-test.
///
/// t = d̄ · √n / s with n - 1 degrees of freedom, where d̄ and s are the mean and the standard deviation of the n
/// differences ("Student", "The probable error of a mean", Biometrika 6, 1908). Exact for normal differences.
public struct PairedTest: Sendable, Hashable {
  /// First minus second, pair by pair.
  public let differences: Sample

  public init(differences: Sample) { self.differences = differences }

  /// - Parameter second: As many values as `first`, in the same order of seeds.
  public init(_ first: Sample, _ second: Sample) {
    precondition(first.count == second.count)
    self.init(differences: Sample(zip(first.values, second.values).map { $0 - $1 }))
  }

  /// d̄ · √n / s; zero where no pair differs, infinite where all differ by the same amount, nil for fewer than two
  /// pairs.
  public var t: Double? {
    guard let deviation = differences.deviation, let first = differences.values.first else { return nil }
    if differences.mean == 0 { return 0 }
    // The mean of equal numbers is rounded, and their deviation need not come out as zero.
    if differences.values.allSatisfy({ $0 == first }) { return first > 0 ? .infinity : -.infinity }
    return differences.mean * Double(differences.count).squareRoot() / deviation
  }

  /// The two-sided probability of a mean difference at least as large in units of its error, if there is none; nil for
  /// fewer than two pairs.
  ///
  /// Where all differences are equal, t is at its limit: no difference anywhere speaks for the null hypothesis as
  /// strongly as data can, p = 1 (SciPy says NaN); the same difference everywhere speaks against it, p = 0, as in
  /// SciPy. Accuracies come in steps of one image, so two seeds may agree on a difference of a few images by chance: a
  /// p-value alone decides nothing (``MethodComparison/verdict(adjustedP:)``).
  public var pValue: Double? {
    guard let t else { return nil }
    return t.isInfinite ? 0 : StudentT(degreesOfFreedom: Double(differences.count - 1)).twoSided(t)
  }
}
