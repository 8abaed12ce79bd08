import Training

/// The study's transfer against one of the controls, on the same target.
public struct ControlComparison: Sendable {
  public let target: Half
  public let control: StudySystem
  /// Transfer minus control, seed by seed, in points.
  public let gain: Sample
  /// Of the first seed's two models.
  public let test: McNemar
  /// Holm's correction over all comparisons of the reproduction.
  public let adjustedP: Double

  /// Whether there is a difference at all: over seeds where there are several, else over the test images.
  public var isShown: Bool {
    guard let interval = gain.meanInterval() else { return adjustedP < 0.05 }
    return !interval.contains(0)
  }

  /// How sure, in words.
  public var certainty: String {
    gain.meanInterval().map { "95 % interval \(signed($0.low)) to \(signed($0.high))" }
      ?? "exact McNemar, Holm: \(probability(adjustedP))"
  }
}

extension ReproductionResult {
  /// The transfer against each control on each target; empty where the controls were left out.
  public var controlComparisons: [ControlComparison] {
    let pairs = StudySystem.controls.flatMap { control in
      Half.allCases.compactMap { target -> (Half, StudySystem, Sample, McNemar)? in
        guard let transfer = cell(StudyTask(.transfer, target)), let other = cell(StudyTask(control, target)),
          let first = transfer.runs.first, let second = other.runs.first
        else { return nil }
        let gains = zip(transfer.accuracy.values, other.accuracy.values).map { $0 - $1 }
        let test = McNemar(labels: first.labels, first: first.predictions, second: second.predictions)
        return (target, control, Sample(gains), test)
      }
    }
    return zip(pairs, Holm.adjusted(pairs.map { $0.3.pValue })).map { pair, p in
      ControlComparison(target: pair.0, control: pair.1, gain: pair.2, test: pair.3, adjustedP: p)
    }
  }

  /// The finding on frozen transfer in plain words; nil where the controls were left out or the trainings cut short.
  public var negativeTransfer: String? {
    let matched = controlComparisons.filter { $0.control == .scratchMatched }
    guard !isRehearsal, matched.count == Half.allCases.count else { return nil }
    let amounts = matched.map { "\(signed($0.gain.mean)) points on \($0.target.rawValue) (\($0.certainty))" }
      .joined(separator: ", ")
    let against = "against the matched training from scratch: \(amounts)"
    if matched.allSatisfy({ $0.isShown && $0.gain.mean < 0 }) {
      return "With all the data, frozen transfer hurts, \(against)"
    }
    if matched.allSatisfy({ $0.isShown && $0.gain.mean > 0 }) { return "Frozen transfer helps, \(against)" }
    return "Frozen transfer makes no difference that is shown in both directions, \(against)"
  }
}
