import Files
import Training

/// A transferred model against its matched control on the same test images, in numbers and in words.
public struct TransferVerdict: Sendable, Hashable {
  public enum Outcome: String, Sendable { case helps, hurts, tie }

  /// In percent.
  public let accuracy: Double
  /// In percent.
  public let control: Double
  public let test: McNemar

  /// - Parameters:
  ///   - transfer: Evaluated on the same examples as `control`, in the same order.
  ///   - labels: The true output of each.
  public init(transfer: Evaluation, control: Evaluation, labels: [Int]) {
    accuracy = transfer.percentCorrect
    self.control = control.percentCorrect
    test = McNemar(labels: labels, first: transfer.predictions, second: control.predictions)
  }

  /// In points.
  public var gain: Double { accuracy - control }

  /// A difference that chance alone makes in fewer than one of twenty comparisons.
  public var outcome: Outcome {
    guard test.pValue < 0.05 else { return .tie }
    return test.firstOnly > test.secondOnly ? .helps : .hurts
  }

  public var words: String {
    let counts =
      "exact McNemar \(probability(test.pValue)): \(grouped(test.firstOnly)) images only transfer gets right, "
      + "\(grouped(test.secondOnly)) only the control"
    let oneSeed = "one seed; another may differ"
    switch outcome {
    case .helps:
      return
        "transfer HELPS: \(percent(accuracy)) against \(percent(control)) from scratch, \(signed(gain)) points (\(counts); \(oneSeed))"
    case .hurts:
      return
        "transfer HURTS: \(percent(accuracy)) against \(percent(control)) from scratch, \(signed(gain)) points (\(counts); \(oneSeed))"
    case .tie:
      return
        "no difference that these images could show: \(percent(accuracy)) against \(percent(control)) from scratch (\(counts); \(oneSeed))"
    }
  }
}
