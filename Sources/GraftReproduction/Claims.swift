import GraftData
import GraftFiles
import GraftStatistics
import GraftTraining

/// The verdict on a sentence of the study, with its evidence.
package struct ClaimVerdict: Sendable, Hashable {
  /// The verdicts that a claim can get.
  package enum Verdict: String, Sendable {
    case holds
    case doesNotHold = "does not hold"
    case undecidable = "cannot be decided"
  }

  /// The sentence that is judged.
  package let claim: PublishedPaper.Claim
  /// The verdict on it.
  package let verdict: Verdict
  /// The figures that the verdict rests on, in words.
  package let evidence: String
}

extension ReproductionResult {
  /// The verdicts on all claims of the study, from our runs and its own numbers.
  package var claims: [ClaimVerdict] {
    guard isStudysData else { return [] }
    return published.claims.map { claim in
      let (verdict, evidence) =
        isRehearsal ? (.undecidable, "a rehearsal with fewer epochs decides nothing") : judge(claim)
      return ClaimVerdict(claim: claim, verdict: verdict, evidence: evidence)
    }
  }

  private typealias Judgement = (ClaimVerdict.Verdict, String)

  private func judge(_ claim: PublishedPaper.Claim) -> Judgement {
    switch claim.id {
    case "softmax-accuracy": return judgeFigures(of: .softmax)
    case "network-even-accuracy": return judgeNetworkEven(claim)
    case "network-odd-precision": return judgePrecision()
    case "transfer-accuracy": return judgeFigures(of: .transfer)
    case "losses-converge": return judgeConvergence()
    case "network-beats-softmax": return judgeNetworkAgainstSoftmax()
    case "transfer-saves-time": return judgeTime()
    case "accuracy-by-share":
      return (.undecidable, "no code for this table was published" + (shares.isEmpty ? "" : "; \(shareSummary)"))
    default: return (.undecidable, "no check is known for this claim")
    }
  }

  private func judgeFigures(of system: PaperSystem) -> Judgement {
    let cells = Half.allCases.compactMap { cell(PaperTask(system, $0)) }
    let evidence = cells.map { cell in
      let counted = cell.pooled.map { "; pooled \(percent($0.mean))" } ?? ""
      return "\(cell.task.target.rawValue): published \(percent(cell.published ?? .nan)), "
        + "ours \(percent(cell.accuracy.mean))\(counted), \(cell.verdict?.rawValue ?? "not judged")"
    }
    let verdicts = cells.compactMap(\.verdict)
    // If our own run is not like the reference's, there is no ground to judge the study's figure from.
    let verdict: ClaimVerdict.Verdict =
      verdicts.isEmpty || verdicts.count < cells.count
      ? .undecidable : verdicts.allSatisfy { $0 == .reproduced } ? .holds : .doesNotHold
    return (verdict, evidence.joined(separator: "; "))
  }

  /// Judges the figure in the text, which differs from the table's, by the same range as the table's.
  private func judgeNetworkEven(_ claim: PublishedPaper.Claim) -> Judgement {
    let numbers = claim.claim.split(whereSeparator: { !($0.isNumber || $0 == ".") }).compactMap { Double($0) }
    guard let cell = cell(PaperTask(.network, .even)), let range = cell.verdictRange?.range, let figure = numbers.first,
      let table = cell.published
    else { return (.undecidable, "the network was not trained on even digits") }
    return (
      cell.verdict == nil ? .undecidable : range.contains(figure) ? .holds : .doesNotHold,
      "the text says \(percent(figure)), the table \(percent(table)): two figures for one result. One run lies in "
        + "\(percent(range.low)) to \(percent(range.high)); ours gives \(percent(cell.accuracy.mean))"
    )
  }

  private func judgePrecision() -> Judgement {
    let task = PaperTask(.network, .odd)
    guard let cell = cell(task), let run = cell.runs.first, let figure = published.accuracy(of: task) else {
      return (.undecidable, "the network was not trained on odd digits")
    }
    let macros = PublishedPaper.Publication.allCases.compactMap { publication in
      published.matrix(of: task, in: publication)?.macro(\.precision).map { (publication, 100 * $0) }
    }
    let stated = macros.map { "\(percent($0.1)) by the \($0.0.rawValue)'s matrix" }.joined(separator: ", ")
    let own = 100 * (run.confusion.restricted(to: task.target.selection.classes).macro(\.precision) ?? .nan)
    let isPrecision = macros.contains { percent($0.1) == percent(figure) }
    return (
      isPrecision ? .holds : .doesNotHold,
      "\(percent(figure)) is the table's accuracy (as an accuracy \(cell.verdict?.rawValue ?? "not judged")); "
        + "the mean precision is \(stated), ours \(percent(own))"
    )
  }

  /// Judges convergence: the training loss fell by less than 1 % over the last tenth of the epochs.
  private func judgeConvergence() -> Judgement {
    var falls: [(PaperTask, Double)] = []
    var gaps: [String] = []
    for cell in cells {
      guard let history = cell.runs.first?.history, let last = history.last, history.count >= 10 else { continue }
      let before = history[history.count - 1 - history.count / 10]
      falls.append((cell.task, 100 * (before.trainLoss - last.trainLoss) / before.trainLoss))
      gaps.append("\(cell.task) \(decimals(last.trainLoss, 3)) / \(decimals(last.testLoss, 3))")
    }
    guard let fastest = falls.max(by: { $0.1 < $1.1 }) else { return (.undecidable, "no loss curves") }
    return (
      fastest.1 < 1 ? .holds : .doesNotHold,
      "over the last tenth of its epochs the training loss of \(fastest.0) still falls by "
        + "\(decimals(fastest.1, 1)) %; a training loss says nothing of unseen images: last training / test loss "
        + gaps.joined(separator: ", ")
    )
  }

  private func judgeNetworkAgainstSoftmax() -> Judgement {
    let rows = Half.allCases.compactMap { half -> (Half, Double, Double)? in
      guard let softmax = cell(PaperTask(.softmax, half)), let network = cell(PaperTask(.network, half)) else {
        return nil
      }
      return (half, softmax.accuracy.mean, network.accuracy.mean)
    }
    let evidence = rows.map { half, softmax, network in
      "\(half.rawValue): \(signed(network - softmax)) points, "
        + "\(decimals(100 * (network - softmax) / (100 - softmax), 0)) % fewer errors"
    }
    return (rows.allSatisfy { $0.2 > $0.1 } ? .holds : .doesNotHold, evidence.joined(separator: "; "))
  }

  /// Judges the time that it takes to get to an accuracy: to the final accuracy of the matched training from scratch,
  /// and to the transfer's own. The claim holds if the transfer is the faster one to scratch's accuracy in both
  /// directions. The source's training is counted to neither; the first seed's runs are timed.
  private func judgeTime() -> Judgement {
    var lines: [String] = []
    var isFaster = true
    for target in Half.allCases {
      guard let transfer = cell(PaperTask(.transfer, target))?.runs.first,
        let scratch = cell(PaperTask(.scratchMatched, target))?.runs.first
      else { return (.undecidable, "the controls were left out") }
      let goal = scratch.accuracy.percent
      let reached = transfer.reached(goal)
      let needed = scratch.reached(goal)
      if (reached?.seconds ?? .infinity) >= (needed?.seconds ?? .infinity) { isFaster = false }
      lines.append(
        "\(target.other.rawValue) -> \(target.rawValue): to scratch's \(percent(goal)) the transfer "
          + words(reached, best: transfer) + ", scratch \(words(needed, best: scratch)); "
          + "to the transfer's own \(percent(transfer.accuracy.percent)) it \(words(transfer.reached(transfer.accuracy.percent), best: transfer))"
          + ", scratch \(words(scratch.reached(transfer.accuracy.percent), best: scratch))")
    }
    return (isFaster ? .holds : .doesNotHold, lines.joined(separator: "; ") + timeNote)
  }

  private var timeNote: String {
    guard let transfer = cell(PaperTask(.transfer, .even))?.runs.first,
      let scratch = cell(PaperTask(.scratchMatched, .even))?.runs.first
    else { return "" }
    return
      ". It trains \(grouped(transfer.trainedParameters)) of \(grouped(scratch.trainedParameters)) parameters, and "
      + "its 30 epochs are cheap only because the frozen layer is computed once (the study computes it in every step)"
  }

  private func words(_ reached: (epoch: Int, seconds: Double)?, best run: PaperTraining) -> String {
    if let reached {
      return "needs \(reached.epoch) epoch\(reached.epoch == 1 ? "" : "s"), \(decimals(reached.seconds, 1)) s"
    }
    return "never comes (best \(percent(run.accuracies.max() ?? 0)) in \(run.history.count) epochs)"
  }
}
