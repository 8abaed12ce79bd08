import GraftStatistics

/// A look at the result of one comparison after a number of seeds.
///
/// Looking, adding seeds and looking again until something is shown finds something by chance more often than p says
/// (Armitage, McPherson and Rowe, "Repeated significance tests on accumulating data", Journal of the Royal Statistical
/// Society A 132, 1969). A store remembers looks, so that a study can say that it was looked at early.
public struct StudyLook: Sendable, Hashable, Codable {
  /// The id of the first seed's trial of the method: the same for any number of seeds.
  public let comparison: String
  /// The number of seeds that the result was made of.
  public let seeds: Int
  /// The time of the look in seconds since 1970.
  public let created: Double

  /// Creates a look.
  public init(comparison: String, seeds: Int, created: Double) {
    self.comparison = comparison
    self.seeds = seeds
    self.created = created
  }

  /// The numbers of seeds, rising, with which any of the comparisons was looked at before it was first looked at with `seeds` or
  /// more.
  static func earlier(than seeds: Int, in looks: [StudyLook]) -> [Int] {
    let byComparison = Dictionary(grouping: looks, by: \.comparison)
    let early = byComparison.values.flatMap { own -> [Int] in
      let first = own.filter { $0.seeds >= seeds }.map(\.created).min() ?? .infinity
      return own.filter { $0.seeds < seeds && $0.created <= first }.map(\.seeds)
    }
    return Set(early).sorted()
  }
}
