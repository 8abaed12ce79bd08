import GraftFiles
import GraftReporting
import GraftStatistics
import GraftTraining
import GraftWorkbench

/// The verdict on a transfer beside its matched control and, if the source can answer already, beside the unchanged source.
struct TransferVerdict {
  private let method: TransferMethod
  private let control: TransferMethod
  /// Transfer against its control.
  private let judged: JudgedComparison
  /// Transfer against the unchanged source, and the source against the control; nil if the source cannot answer.
  private let untouched: (transfer: JudgedComparison, control: JudgedComparison)?
  /// The reason why there is no verdict on the method; nil if there is one.
  private let objection: String?

  /// - Parameters:
  ///   - transfers: One per seed, and as many controls.
  ///   - untouched: The answers of the unchanged source, the same for all seeds.
  ///   - labels: The true class of each test image.
  init(
    method: TransferMethod, control: TransferMethod, transfers: [TrainingJob.Measured],
    controls: [TrainingJob.Measured], untouched: [Int]?,
    labels: [Int]
  ) {
    self.method = method
    self.control = control
    let (own, scratch) = (transfers.map(\.answers), controls.map(\.answers))
    var comparisons = [MethodComparison(answers: own, control: scratch, labels: labels)]
    if let untouched {
      let same = Array(repeating: untouched, count: own.count)
      comparisons += [
        MethodComparison(answers: own, control: same, labels: labels),
        MethodComparison(answers: same, control: scratch, labels: labels),
      ]
    }
    let family = JudgedComparison.family(comparisons, margin: JudgedComparison.usualMargin)
    judged = family[0]
    self.untouched = family.count == 3 ? (family[1], family[2]) : nil
    objection =
      TransferVerdict.objection("\(method)", transfers) ?? TransferVerdict.objection("\(control)", controls)
  }

  /// The problem of most trainings of one side.
  private static func objection(_ name: String, _ measured: [TrainingJob.Measured]) -> String? {
    let problems = measured.compactMap(\.problem)
    guard 2 * problems.count > measured.count, let problem = problems.first else { return nil }
    return switch problem {
    case .fewSteps(let steps, let least):
      "\(name) made \(grouped(steps)) steps, a study makes \(grouped(least)) at least (more --epochs, or none)"
    case .stillFalling(let fall):
      "\(name) was still learning: its training loss fell by \(decimals(100 * fall, 0)) % in the last tenth of its epochs"
    case .nothingLearnt(let loss, let guessing):
      "\(name) has learnt next to nothing: its training loss is \(decimals(loss, 2)), that of guessing \(decimals(guessing, 2))"
    }
  }

  private var accuracies: String {
    "\(percent(judged.comparison.accuracy.mean)) % against \(percent(judged.comparison.control.mean)) % "
      + (control == .scratch ? "from scratch" : "with a body that was never trained")
  }

  /// The finding in one line, and a second one about the unchanged source.
  var words: String { ([finding] + [third].compactMap { $0 }).joined(separator: "\n") }

  private var finding: String {
    let comparison = judged.comparison
    let gain = "\(accuracies), \(signed(comparison.gain.mean)) points"
    if let objection { return "no verdict: \(objection); \(gain)" }
    let interval = "95 % \(signed(comparison.interval.low)) to \(signed(comparison.interval.high))"
    let seeds = "\(comparison.seeds) draws and seeds, one source"
    let certainty = "\(interval), \(probability(judged.adjustedP)); \(seeds)"
    switch judged.verdict {
    case .helps: return "transfer HELPS: \(gain) (\(certainty))"
    case .hurts: return "transfer HURTS: \(gain) (\(certainty))"
    case .equal:
      return
        "transfer makes no difference of \(decimals(judged.margin, 1)) points or more: \(gain) (\(interval); \(seeds))"
    case .notShown:
      let could = judged.detectable.map { "; \(decimals($0, 1)) points would have been shown" } ?? ""
      return "not shown to help or to hurt: \(gain) (\(certainty)\(could))"
    case .oneSeed:
      let test = comparison.tests[0]
      let differ = comparison.pValue < 0.05 ? "these two models differ" : "these two models are not shown to differ"
      return "\(differ): \(gain) (exact McNemar \(probability(comparison.pValue)): "
        + "\(grouped(test.firstOnly)) images only the transferred gets right, \(grouped(test.secondOnly)) only the other; "
        + "one seed says nothing of the method, --seeds 10 does)"
    }
  }

  /// A line about the unchanged source, and the best of the three.
  private var third: String? {
    guard let (transfer, control) = untouched else { return nil }
    let own = control.comparison.accuracy.mean
    let name = "the source as it stands, nothing trained, is right about \(percent(own)) %"
    let best = max(transfer.comparison.accuracy.mean, control.comparison.control.mean)
    if own >= best {
      let rival = transfer.comparison.accuracy.mean >= control.comparison.control.mean ? transfer : control
      return "\(name): the best of the three (\(TransferVerdict.certainty(rival)))"
    }
    if transfer.comparison.accuracy.mean >= control.comparison.control.mean {
      return
        "\(name): \(method) is better by \(percent(transfer.comparison.gain.mean)) points (\(TransferVerdict.certainty(transfer)))"
    }
    return
      "\(name): \(control) is better by \(percent(-control.comparison.gain.mean)) points (\(TransferVerdict.certainty(control)))"
  }

  private static func certainty(_ judged: JudgedComparison) -> String {
    switch judged.verdict {
    case .helps, .hurts: "shown, \(probability(judged.adjustedP))"
    case .equal: "equal within \(decimals(judged.margin, 1)) points"
    case .notShown: "not shown, \(probability(judged.adjustedP))"
    case .oneSeed: "two models, exact McNemar \(probability(judged.comparison.pValue))"
    }
  }

  var json: JSON {
    var object = JSON.Object()
    object["method"] = .string("\(control)")
    object["seeds"] = .integer(judged.comparison.seeds)
    object["accuracy"] = .number(judged.comparison.control.mean)
    object["transfer_accuracy"] = .number(judged.comparison.accuracy.mean)
    object["gain"] = .number(judged.comparison.gain.mean)
    object["low"] = .number(judged.comparison.interval.low)
    object["high"] = .number(judged.comparison.interval.high)
    object["p"] = .number(judged.adjustedP)
    object["could_show"] = judged.detectable.map(JSON.number) ?? .null
    object["verdict"] = .string(objection == nil ? judged.verdict.rawValue : "no verdict")
    object["objection"] = objection.map(JSON.string) ?? .null
    if let (transfer, control) = untouched {
      object["untouched"] = [
        "accuracy": .number(control.comparison.accuracy.mean), "transfer_gain": .number(transfer.comparison.gain.mean),
        "verdict": .string(transfer.verdict.rawValue), "scratch_verdict": .string(control.verdict.rawValue),
      ]
    }
    object["words"] = .string(words)
    return .object(object)
  }
}
