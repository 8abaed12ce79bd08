import GraftData

/// The sets of classes that a study tries as sources when nobody names one.
package enum SourceCandidates {
  /// Every pair of the classes that a target lacks, then all of them together, as the command line writes them; none if
  /// fewer than two are left, and no pairs if two are.
  ///
  /// - Parameter data: The target's data; classes without images on one of its sides are left out. Nil takes all to
  ///   have some.
  package static func classes(besides target: ClassSelection, in data: DatasetPair? = nil) -> [String] {
    let counts = data.map { zip($0.train.countsPerClass, $0.test.countsPerClass).map(min) }
    let rest = (0..<target.available).filter { !target.contains($0) && counts?[$0] != 0 }
    guard rest.count > 1 else { return [] }
    let whole = rest.map(String.init).joined(separator: ",")
    if rest.count == 2 { return [whole] }
    let pairs = rest.indices.flatMap { one in rest[(one + 1)...].map { "\(rest[one]),\($0)" } }
    return pairs + [whole]
  }
}
