/// Holm's step-down correction: of several tests, the chance that any true null hypothesis is rejected stays below the level.
///
/// Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6, 1979.
public enum Holm {
  /// The adjusted p-values, in the order of `pValues`: compare each with the level itself.
  public static func adjusted(_ pValues: [Double]) -> [Double] {
    let order = pValues.indices.sorted { (pValues[$0], $0) < (pValues[$1], $1) }
    var result = pValues
    var largest = 0.0
    for (rank, index) in order.enumerated() {
      largest = max(largest, min(1, pValues[index] * Double(pValues.count - rank)))
      result[index] = largest
    }
    return result
  }
}
