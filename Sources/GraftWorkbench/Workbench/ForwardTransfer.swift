/// The forward transfer of a model: the part of its control's remaining learning that the model had from the start,
/// (AUC - AUC of the control) / (1 - AUC of the control), with AUC the mean accuracy over the training.
///
/// Wołczyk, Zając, Pascanu, Kuciński and Miłoś, "Continual World: A Robotic Benchmark for Continual Reinforcement
/// Learning", NeurIPS 2021 (forward transfer). At most 1; 0 if both learn equally fast, negative if transfer delays.
package struct ForwardTransfer: Sendable, Hashable {
  /// The epochs that both measured: from the later first to the earlier last.
  package let epochs: ClosedRange<Int>
  /// The mean accuracy over these epochs, 0 to 1, on straight lines between the measured ones.
  package let area: Double
  /// The control's mean accuracy over these epochs, 0 to 1.
  package let controlArea: Double

  /// The forward transfer, at most 1.
  package var value: Double { (area - controlArea) / (1 - controlArea) }

  /// Measures a transferred model against its control; nil if the two share no range of epochs (a solved head has a
  /// single point), or if the control left nothing to learn.
  ///
  /// - Parameters:
  ///   - points: The transferred model's points, in the order of epochs.
  ///   - images: The number of test images.
  ///   - controlPoints: The control's points on the same images.
  package init?(_ points: [TrialOutcome.Point], control controlPoints: [TrialOutcome.Point], images: Int) {
    guard images > 0, let first = points.first, let last = points.last, let controlFirst = controlPoints.first,
      let controlLast = controlPoints.last
    else { return nil }
    let start = max(first.epoch, controlFirst.epoch)
    let end = min(last.epoch, controlLast.epoch)
    guard start < end else { return nil }
    epochs = start...end
    area = Self.area(points, over: epochs) / Double(images)
    controlArea = Self.area(controlPoints, over: epochs) / Double(images)
    guard controlArea < 1 else { return nil }
  }

  /// Measures a transferred trial against its control on the same test images.
  package init?(_ outcome: TrialOutcome, control: TrialOutcome) {
    precondition(outcome.images == control.images, "\(outcome.images) and \(control.images) test images")
    self.init(outcome.history, control: control.history, images: outcome.images)
  }

  /// The mean number of right answers: trapezoids, the outermost cut off at the range's ends.
  private static func area(_ points: [TrialOutcome.Point], over epochs: ClosedRange<Int>) -> Double {
    var sum = 0.0
    for (from, to) in zip(points, points.dropFirst()) {
      let (start, end) = (max(from.epoch, epochs.lowerBound), min(to.epoch, epochs.upperBound))
      guard start < end else { continue }
      let rise = Double(to.correct - from.correct) / Double(to.epoch - from.epoch)
      let middle = Double(start - from.epoch + end - from.epoch) / 2
      sum += Double(end - start) * (Double(from.correct) + rise * middle)
    }
    return sum / Double(epochs.upperBound - epochs.lowerBound)
  }
}
