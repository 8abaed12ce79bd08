/// A method's worth in labels: how many the control needs to become as accurate as the method is with a given number.
package struct LabelWorth: Sendable, Hashable {
  /// A 95 % interval whose ends may lie beyond the control's curve.
  package struct Ends: Sendable, Hashable {
    /// The lower end.
    package let low: LabelAmount
    /// The upper end.
    package let high: LabelAmount

    /// Creates an interval from its ends.
    package init(low: LabelAmount, high: LabelAmount) {
      self.low = low
      self.high = high
    }
  }

  /// The fewest seeds for an interval: with fewer, the deviation of the differences is hardly known.
  package static let fewestSeeds = 5

  /// The method's labels per class.
  package let labelsPerClass: Double
  /// The method's mean accuracy with them, in percent.
  package let accuracy: Double
  /// The control's labels per class for the same accuracy.
  package let needed: LabelAmount
  /// The 95 % interval of `needed`: the amounts at which a paired t-test over seeds shows no difference. Nil for
  /// fewer than `fewestSeeds` seeds.
  package let neededInterval: Ends?

  /// Reads the worth off the control's curve.
  ///
  /// Nil if the method was not measured at `labelsPerClass`, or if the control was not measured with more labels: its
  /// curve then ends there, and its accuracy with more is not known.
  ///
  /// - Parameters:
  ///   - method: Has a point at `labelsPerClass`.
  ///   - control: With the same seeds in the same order. A seed means the same labelled images for both.
  package init?(of method: SampleEfficiency, at labelsPerClass: Double, control: SampleEfficiency) {
    precondition(method.seeds == control.seeds)
    guard let accuracies = method.accuracy(atLabelsPerClass: labelsPerClass), labelsPerClass < control.mostLabels
    else { return nil }
    self.labelsPerClass = labelsPerClass
    accuracy = accuracies.mean
    needed = control.labels(reaching: accuracy)
    neededInterval =
      control.seeds < Self.fewestSeeds ? nil : Ends(matching: accuracies, on: control, needed: needed)
  }

  /// The number of the control's labels that one label of the method is worth.
  package var factor: LabelAmount { needed.divided(by: labelsPerClass) }

  /// The interval of `factor`; nil if `neededInterval` is.
  package var factorInterval: Ends? {
    neededInterval.map {
      Ends(low: $0.low.divided(by: labelsPerClass), high: $0.high.divided(by: labelsPerClass))
    }
  }
}
