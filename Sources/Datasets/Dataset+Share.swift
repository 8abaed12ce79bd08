import Files
import Matrices

/// How much of the training data takes part.
public enum Share: Sendable, Hashable, CustomStringConvertible {
  case all
  /// The same fraction of each class, greater than 0 and at most 1.
  case fraction(Double)
  /// So many images of each class.
  case perClass(Int)

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
  /// - Throws: Where a class has fewer images than were asked for, or a fraction leaves a class without any.
  public func share(_ share: Share, seed: UInt64) throws(GraftFailure) -> Dataset {
    if share == .all { return self }
    var kept: [Int] = []
    for (label, className) in classNames.enumerated() {
      var members = labels.indices.filter { Int(labels[$0]) == label }
      if members.isEmpty { continue }
      let wanted: Int
      switch share {
      case .all: wanted = members.count
      case .fraction(let fraction): wanted = Int((Double(members.count) * fraction).rounded())
      case .perClass(let count): wanted = count
      }
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
    return selecting(images: kept.sorted())
  }
}
