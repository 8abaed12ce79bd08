import Training

/// The study's transfer against one of the controls, on the same target.
public struct ControlComparison: Sendable {
  public let target: Half
  public let control: StudySystem
  /// Over all seeds, on the target's test images.
  public let measured: MethodComparison
  /// ``MethodComparison/pValue`` after Holm's correction over all comparisons of the reproduction.
  public let adjustedP: Double

  /// Transfer minus control, seed by seed, in points.
  public var gain: Sample { measured.gain }

  /// Whether there is a difference at all, over seeds and test images.
  public var isShown: Bool { measured.verdict(adjustedP: adjustedP) != .tie }

  /// How sure, in words.
  public var certainty: String {
    measured.overSeeds.map {
      "95 % interval over seeds \(signed($0.low)) to \(signed($0.high)), Holm: \(probability(adjustedP))"
    } ?? "exact McNemar, Holm: \(probability(adjustedP))"
  }
}

extension ReproductionResult {
  /// The transfer against each control on each target; empty where the controls were left out.
  public var controlComparisons: [ControlComparison] {
    let pairs = StudySystem.controls.flatMap { control in
      Half.allCases.compactMap { target -> (Half, StudySystem, MethodComparison)? in
        guard let transfer = cell(StudyTask(.transfer, target)), let other = cell(StudyTask(control, target)),
          let labels = transfer.runs.first?.labels, transfer.runs.count == other.runs.count
        else { return nil }
        let comparison = MethodComparison(
          answers: transfer.runs.map { $0.predictions.map(UInt8.init) },
          control: other.runs.map { $0.predictions.map(UInt8.init) }, labels: labels.map(UInt8.init))
        return (target, control, comparison)
      }
    }
    return zip(pairs, Holm.adjusted(pairs.map { $0.2.pValue })).map { pair, p in
      ControlComparison(target: pair.0, control: pair.1, measured: pair.2, adjustedP: p)
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
