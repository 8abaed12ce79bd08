/// A method's worth in labels: how many the control needs to become as accurate as the method is with a given number.
public struct LabelWorth: Sendable, Hashable {
  /// A 95 % interval whose ends may lie beyond the control's curve.
  public struct Ends: Sendable, Hashable {
    public let low: LabelAmount
    public let high: LabelAmount

    public init(low: LabelAmount, high: LabelAmount) {
      self.low = low
      self.high = high
    }
  }

  /// An interval is given from so many seeds on: with fewer, the deviation of the differences is hardly known.
  public static let fewestSeeds = 5

  /// The method's labels.
  public let labelsPerClass: Double
  /// The method's mean accuracy with them, in percent.
  public let accuracy: Double
  /// The control's labels per class for the same accuracy.
  public let needed: LabelAmount
  /// Of ``needed``: the amounts at which a paired t-test over seeds shows no difference. Nil for fewer than
  /// ``fewestSeeds`` seeds.
  public let neededInterval: Ends?

  /// Nil if the method was not measured at `labelsPerClass`, or if the control was not measured with more labels: its
  /// curve then ends there, and what it would do with more is not known.
  ///
  /// - Parameters:
  ///   - method: Has a point at `labelsPerClass`.
  ///   - control: With the same seeds in the same order. A seed means the same labelled images for both.
  public init?(of method: SampleEfficiency, at labelsPerClass: Double, control: SampleEfficiency) {
    precondition(method.seeds == control.seeds)
    guard let accuracies = method.accuracy(atLabelsPerClass: labelsPerClass), labelsPerClass < control.mostLabels
    else { return nil }
    self.labelsPerClass = labelsPerClass
    accuracy = accuracies.mean
    needed = control.labels(reaching: accuracy)
    neededInterval =
      control.seeds < Self.fewestSeeds ? nil : Ends(matching: accuracies, on: control, needed: needed)
  }

  /// How many labels of the control one label of the method is worth.
  public var factor: LabelAmount { needed.divided(by: labelsPerClass) }

  /// Of ``factor``; nil if ``neededInterval`` is.
  public var factorInterval: Ends? {
    neededInterval.map {
      Ends(low: $0.low.divided(by: labelsPerClass), high: $0.high.divided(by: labelsPerClass))
    }
  }
}
