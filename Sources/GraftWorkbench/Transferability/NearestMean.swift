import GraftMatrices

/// A classifier that answers the class whose mean is nearest. It has nothing to tune and says how well features keep
/// classes apart (Mensink et al., "Distance-based image classification", TPAMI 35, 2013, equation 1, in the plain
/// Euclidean distance).
package struct NearestMean: Sendable {
  /// The classes that have a mean, rising.
  private let present: [Int]
  private let means: [[Double]]

  /// Takes the mean of each class.
  ///
  /// - Parameters:
  ///   - features: [images × units], at least one image.
  ///   - labels: In `0..<classCount`. A class without images is never answered.
  package init(features: Matrix, labels: [Int], classCount: Int) {
    precondition(features.rows == labels.count && !labels.isEmpty)
    let counts = labels.reduce(into: [Int](repeating: 0, count: classCount)) { $0[$1] += 1 }
    // Differences from one image, so that the mean of equal numbers is that number.
    let origin = features.doubles(ofRow: 0)
    let sums = features.sums(ofGroups: labels, count: classCount, minus: origin)
    present = counts.indices.filter { counts[$0] > 0 }
    means = present.map { label in zip(origin, sums[label]).map { $0 + $1 / Double(counts[label]) } }
  }

  /// The class of the nearest mean for each row of `features`; of equally near ones the lowest.
  package func answers(_ features: Matrix) -> [Int] {
    let distances = features.squaredDistances(to: means)
    let width = means.count
    return (0..<features.rows).map { row in
      present[(1..<width).reduce(0) { distances[row * width + $1] < distances[row * width + $0] ? $1 : $0 }]
    }
  }
}

extension NearestMean {
  /// The share of images that are nearest to the mean of their class' other images, 0 to 1. An image that is the only
  /// one of its class is not asked, but it is the mean that others may be near to. Nil if no class has two.
  ///
  /// Without image x, one of n, its class' mean m moves away from it: ‖x - m'‖ = n / (n - 1) · ‖x - m‖.
  ///
  /// - Parameter distances: Squared, [images × width], each row beginning with the distances to the means of all images
  ///   of class 0, 1, 2, ….
  static func correctShareLeavingOneOut(labels: [Int], counts: [Int], distances: [Double], width: Int) -> Double? {
    let factors = counts.map { count in
      let factor = Double(count) / Double(max(count - 1, 1))
      return factor * factor
    }
    var (asked, right) = (0, 0)
    for (row, label) in labels.enumerated() where counts[label] > 1 {
      func distance(_ place: Int) -> Double {
        distances[row * width + place] * (place == label ? factors[place] : 1)
      }
      asked += 1
      if counts.indices.dropFirst().reduce(0, { distance($1) < distance($0) ? $1 : $0 }) == label { right += 1 }
    }
    return asked == 0 ? nil : Double(right) / Double(asked)
  }
}
