import GraftFiles
import GraftStatistics
import GraftTraining

/// A comparison of the study's transfer with one of the controls, on the same target.
package struct ControlComparison: Sendable {
  /// The half that both are trained and tested on.
  package let target: Half
  /// The control that the transfer is compared with.
  package let control: PaperSystem
  /// The judged comparison over all seeds, on the target's test images, among all comparisons of the reproduction.
  package let judged: JudgedComparison

  /// Transfer minus control, seed by seed, in points.
  package var gain: Sample { judged.comparison.gain }

  /// The certainty of the gain in words.
  package var certainty: String {
    let interval = judged.comparison.interval
    let range = "\(signed(interval.low)) to \(signed(interval.high))"
    return judged.verdict == .oneSeed
      ? "two models, 95 % over test images \(range), exact McNemar, Holm: \(probability(judged.adjustedP))"
      : "95 % \(range), Holm: \(probability(judged.adjustedP))"
  }
}

extension ReproductionResult {
  /// The comparisons of the transfer with each control on each target; empty if the controls were left out.
  package var controlComparisons: [ControlComparison] {
    let pairs = PaperSystem.controls.flatMap { control in
      Half.allCases.compactMap { target -> (Half, PaperSystem, MethodComparison)? in
        guard let transfer = cell(PaperTask(.transfer, target)), let other = cell(PaperTask(control, target)),
          let labels = transfer.runs.first?.labels, transfer.runs.count == other.runs.count
        else { return nil }
        let comparison = MethodComparison(
          answers: transfer.runs.map { $0.predictions },
          control: other.runs.map { $0.predictions }, labels: labels)
        return (target, control, comparison)
      }
    }
    return zip(pairs, JudgedComparison.family(pairs.map(\.2), margin: JudgedComparison.usualMargin)).map {
      pair, judged in
      ControlComparison(target: pair.0, control: pair.1, judged: judged)
    }
  }

  /// The finding on frozen transfer in plain words; nil if the controls were left out or the trainings cut short.
  ///
  /// One seed of ours says nothing of a method. The finding then comes from the reference's seeds, if ours follow its
  /// recipe.
  package var negativeTransfer: String? {
    let matched = controlComparisons.filter { $0.control == .scratchMatched }
    guard !isRehearsal, matched.count == Half.allCases.count else { return nil }
    let amounts = matched.map { "\(signed($0.gain.mean)) points on \($0.target.rawValue) (\($0.certainty))" }
      .joined(separator: ", ")
    if matched.contains(where: { $0.judged.verdict == .oneSeed }) {
      let ours =
        "the transferred model against the one trained from scratch as long, one seed, which says nothing of the method "
        + "(five seeds do): \(amounts)"
      return referenceOnControls.map { "\($0). Ours: \(ours)" } ?? "With all the data, \(ours)"
    }
    let against = "against the matched training from scratch: \(amounts)"
    if matched.allSatisfy({ $0.judged.verdict == .hurts }) {
      return "With all the data, frozen transfer hurts, \(against)"
    }
    if matched.allSatisfy({ $0.judged.verdict == .helps }) { return "Frozen transfer helps, \(against)" }
    return "Frozen transfer makes no difference that is shown in both directions, \(against)"
  }

  /// The gains of frozen transfer over the matched control in the reference's seeds, unpaired, in points, for even and
  /// odd; nil if the two halves do not show the same sign, or if the data is not the study's.
  package var referenceGains: [(half: Half, seeds: Int, mean: Double, interval: Interval)]? {
    guard isStudysData else { return nil }
    let parts = Half.allCases.compactMap { target -> (half: Half, seeds: Int, mean: Double, interval: Interval)? in
      guard let transfer = reference[PaperTask(.transfer, target)]?.accuracy,
        let control = reference[PaperTask(.scratchMatched, target)]?.accuracy,
        let interval = transfer.differenceInterval(minus: control)
      else { return nil }
      return (target, control.count, transfer.mean - control.mean, interval)
    }
    guard parts.count == Half.allCases.count else { return nil }
    let isOneSided = parts.allSatisfy { $0.interval.high < 0 } || parts.allSatisfy { $0.interval.low > 0 }
    return isOneSided ? parts : nil
  }

  /// `referenceGains` as a sentence.
  private var referenceOnControls: String? {
    guard let gains = referenceGains else { return nil }
    let figures = gains.map {
      "\(signed($0.mean)) points on \($0.half.rawValue) (95 % \(signed($0.interval.low)) to \(signed($0.interval.high)))"
    }
    return
      "With all the data, frozen transfer \(gains[0].mean < 0 ? "hurts" : "helps"): in PyTorch, over \(gains[0].seeds) seeds of this recipe, "
      + "against the matched training from scratch \(figures.joined(separator: ", "))"
  }
}
