import Foundation

extension Temperature {
  /// The geometric mean: temperatures are ratios. Nil where one of them, or all, are missing.
  static func mean(_ temperatures: [Double?]) -> Double? {
    let known = temperatures.compactMap { $0 }
    guard !known.isEmpty, known.count == temperatures.count else { return nil }
    return exp(known.reduce(0) { $0 + log($1) } / Double(known.count))
  }
}
