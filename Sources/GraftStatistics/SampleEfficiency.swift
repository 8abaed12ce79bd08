import Foundation

/// The learning curve of a method: its accuracy with more and more labels.
package struct SampleEfficiency: Sendable, Hashable {
  /// The accuracies at one number of labels.
  package struct Point: Sendable, Hashable {
    /// Labelled training images per class; a fraction if classes have unequal numbers of them.
    package let labelsPerClass: Double
    /// The accuracies in percent, one per seed.
    package let accuracy: Sample

    /// Creates a point.
    ///
    /// - Parameter values: Accuracies in percent, one per seed, the seeds in the same order at every amount.
    package init(labelsPerClass: Double, values: [Double]) {
      precondition(labelsPerClass > 0 && !values.isEmpty)
      self.labelsPerClass = labelsPerClass
      accuracy = Sample(values)
    }
  }

  /// The points in rising order of labels, at least one.
  package let points: [Point]

  /// Creates a curve.
  ///
  /// - Parameter points: In rising order of labels, all with the same seeds.
  package init(points: [Point]) {
    precondition(!points.isEmpty && points.allSatisfy { $0.accuracy.count == points[0].accuracy.count })
    precondition(zip(points, points.dropFirst()).allSatisfy { $0.labelsPerClass < $1.labelsPerClass })
    self.points = points
  }

  /// The number of seeds.
  package var seeds: Int { points[0].accuracy.count }

  var fewestLabels: Double { points[0].labelsPerClass }

  var mostLabels: Double { points[points.count - 1].labelsPerClass }

  /// The accuracies at one number of labels, in percent; nil if it was not measured.
  package func accuracy(atLabelsPerClass labels: Double) -> Sample? {
    points.first { $0.labelsPerClass == labels }?.accuracy
  }

  /// The number of labels per class that it takes to reach `accuracy`, in percent, by the mean over the seeds.
  ///
  /// Read off `rising`, straight over log(labels) between two amounts: on that scale learning curves bend least.
  package func labels(reaching accuracy: Double) -> LabelAmount {
    let rising = rising
    guard let index = rising.firstIndex(where: { $0.accuracy.mean >= accuracy }) else { return .moreThan(mostLabels) }
    let (right, height) = (rising[index].labelsPerClass, rising[index].accuracy.mean)
    if height == accuracy { return .labels(right) }
    guard index > 0 else { return .fewerThan(right) }
    let below = rising[index - 1].accuracy.mean
    return .labels(
      Self.labels((accuracy - below) / (height - below), from: rising[index - 1].labelsPerClass, to: right))
  }

  /// The points with accuracies whose means never fall, because more labels do no harm: if the means fall, neighbours are
  /// pooled, and each seed's accuracies with them.
  var rising: [Point] {
    IsotonicRegression.blocks(points.map(\.accuracy.mean)).flatMap { block in
      if block.count == 1 { return [points[block.lowerBound]] }
      let pooled = (0..<seeds).map { seed in Sample(points[block].map { $0.accuracy.values[seed] }).mean }
      return points[block].map { Point(labelsPerClass: $0.labelsPerClass, values: pooled) }
    }
  }

  /// The number of labels a part `way` of the way from one number to the next on the scale of their logarithms.
  static func labels(_ way: Double, from left: Double, to right: Double) -> Double { left * pow(right / left, way) }
}
