import Foundation

/// How accurate a method is with more and more labels.
public struct SampleEfficiency: Sendable, Hashable {
  public struct Point: Sendable, Hashable {
    /// Labelled training images per class; a fraction where classes have unequal numbers of them.
    public let labelsPerClass: Double
    /// In percent, one per seed.
    public let accuracy: Sample

    /// - Parameter values: Accuracies in percent, one per seed, the seeds in the same order at every amount.
    public init(labelsPerClass: Double, values: [Double]) {
      precondition(labelsPerClass > 0 && !values.isEmpty)
      self.labelsPerClass = labelsPerClass
      accuracy = Sample(values)
    }
  }

  /// In rising order of labels, at least one.
  public let points: [Point]

  /// - Parameter points: In rising order of labels, all with the same seeds.
  public init(points: [Point]) {
    precondition(!points.isEmpty && points.allSatisfy { $0.accuracy.count == points[0].accuracy.count })
    precondition(zip(points, points.dropFirst()).allSatisfy { $0.labelsPerClass < $1.labelsPerClass })
    self.points = points
  }

  public var seeds: Int { points[0].accuracy.count }

  public func accuracy(atLabelsPerClass labels: Double) -> Sample? {
    points.first { $0.labelsPerClass == labels }?.accuracy
  }

  /// How many labels per class it takes to reach `accuracy`, in percent, by the mean over the seeds.
  public func labels(reaching accuracy: Double) -> LabelAmount {
    labels(reaching: accuracy, means: points.map(\.accuracy.mean))
  }

  /// The same for the mean over a resample of the seeds, some of them several times and others not at all.
  func labels(reaching accuracy: Double, seeds: [Int]) -> LabelAmount {
    labels(reaching: accuracy, means: points.map { point in Sample(seeds.map { point.accuracy.values[$0] }).mean })
  }

  /// More labels never make the curve fall: where the means do, neighbours are pooled first. Between two amounts it is
  /// straight over log(labels), on whose scale learning curves bend least.
  private func labels(reaching accuracy: Double, means: [Double]) -> LabelAmount {
    let heights = IsotonicRegression.nonDecreasing(means)
    guard let index = heights.firstIndex(where: { $0 >= accuracy }) else {
      return .moreThan(points[points.count - 1].labelsPerClass)
    }
    let right = points[index].labelsPerClass
    if heights[index] == accuracy { return .labels(right) }
    guard index > 0 else { return .fewerThan(right) }
    let left = points[index - 1].labelsPerClass
    let fraction = (accuracy - heights[index - 1]) / (heights[index] - heights[index - 1])
    return .labels(left * pow(right / left, fraction))
  }
}
