import GraftMatrices

extension Dataset {
  /// The indices of the images in `count` parts, each with its share of every class: the number of images of a class
  /// differs by at most one between parts.
  ///
  /// - Complexity: O(images × classes).
  package func folds(_ count: Int, seed: UInt64) -> [[Int]] {
    Dataset.folds(count, of: labels, classCount: classNames.count, seed: seed)
  }

  /// The same parts of images that are known by their labels alone.
  package static func folds(_ count: Int, of labels: [Int], classCount: Int, seed: UInt64) -> [[Int]] {
    precondition(count > 0)
    var folds = [[Int]](repeating: [], count: count)
    for label in 0..<classCount {
      var members = labels.indices.filter { labels[$0] == label }
      var stream = RandomStream(RandomKey(seed: seed, purpose: .validationSplit, index: label))
      stream.shuffle(&members)
      // Each class has another first fold, so that classes filled one after the other fill the folds evenly.
      for (place, index) in members.enumerated() { folds[(place + label) % count].append(index) }
    }
    return folds.map { $0.sorted() }
  }
}
