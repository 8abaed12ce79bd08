import GraftFiles
import GraftMatrices

/// The share of the training data that is used.
public enum Share: Sendable, Hashable, CustomStringConvertible {
  case all
  /// The same fraction of each class, greater than 0 and at most 1.
  case fraction(Double)
  /// The same number of images of each class.
  case perClass(Int)

  /// The share in words.
  public var description: String {
    switch self {
    case .all: "all"
    case .fraction(let fraction): "\(fraction)"
    case .perClass(let count): "\(count) per class"
    }
  }
}

extension Dataset {
  /// A random part with the same share of each class, in the order of the whole.
  ///
  /// The draw depends on `seed` and the class alone, and a larger share contains every smaller one of the same seed.
  ///
  /// - Throws: If a class has fewer images than were asked for, or a fraction leaves a class without any.
  public func share(_ share: Share, seed: UInt64) throws(GraftFailure) -> Dataset {
    if share == .all { return self }
    return selecting(images: try indices(of: share, seed: seed))
  }

  /// The indices, rising, of the images that ``share(_:seed:)`` draws.
  package func indices(of share: Share, seed: UInt64) throws(GraftFailure) -> [Int] {
    if share == .all { return Array(labels.indices) }
    let wantedCounts = counts(of: share)
    var kept: [Int] = []
    for (label, className) in classNames.enumerated() {
      var members = labels.indices.filter { labels[$0] == label }
      if members.isEmpty { continue }
      let wanted = wantedCounts[label]
      guard wanted > 0 else {
        throw GraftFailure(
          .usage, "a share of \(share) of the \(members.count) images of class \(className) is less than one image")
      }
      guard wanted <= members.count else {
        throw GraftFailure(
          .usage, "\(wanted) images per class were asked for, but class \(className) has \(members.count)")
      }
      var stream = RandomStream(RandomKey(seed: seed, purpose: .share, index: label))
      stream.shuffle(&members)
      kept += members.prefix(wanted)
    }
    return kept.sorted()
  }

  /// Number of images of each class that ``share(_:seed:)`` draws, or would draw if there were so many; 0 for a class
  /// without images.
  package func counts(of share: Share) -> [Int] {
    countsPerClass.map { count in
      switch share {
      case .all: count
      case .fraction(let fraction): Int((Double(count) * fraction).rounded())
      case .perClass(let wanted): count == 0 ? 0 : wanted
      }
    }
  }
}
