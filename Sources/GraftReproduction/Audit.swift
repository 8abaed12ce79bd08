import GraftFiles
import GraftStatistics
import GraftTraining

/// One thing that the audit found, with the numbers that show it.
package struct Finding: Sendable, Hashable {
  /// The finding in a few words.
  package let title: String
  /// The sentences and sums that show it, one a line.
  package let lines: [String]
  /// The sums that undo a published figure, one a line.
  package var sums: [String] = []
}

extension ReproductionResult {
  /// The errors in the study's figures and the corrections that its data gives, every number computed from the
  /// published tables or from our runs.
  package var audit: [Finding] {
    guard isStudysData else { return [] }
    // The published figures stand in any case; our own runs are evidence only if they are whole.
    let ours = isRehearsal ? [] : [transferAgainstControls, fewLabelsFinding]
    return ([pooledCounter, matricesDisagree] + ours + [smallOnes]).compactMap { $0 }
  }

  /// Finding 1: the counter is never reset.
  private var pooledCounter: Finding? {
    var lines = [
      "The study's model sets `correct` and `total` to 0 when it is made and never again; the same object is tested on "
        + "the source, then trained on, then tested on the target. So its transfer figure is "
        + "(source correct + target correct) / all test images."
    ]
    for target in Half.allCases {
      guard let cell = cell(PaperTask(.transfer, target)), let run = cell.runs.first,
        let source = cell.sourceRuns?.first, let pooled = cell.pooled?.values.first
      else { continue }
      let name = "\(target.other.rawValue) -> \(target.rawValue)"
      lines.append(
        "\(name), ours, seed \(run.seed): (\(grouped(source.correct)) + \(grouped(run.correct))) / "
          + "\(grouped(source.images + run.images)) = \(percent(pooled)) pooled; "
          + "\(grouped(run.correct)) / \(grouped(run.images)) = \(percent(run.accuracy.percent)) true")
    }
    var sums: [String] = []
    for target in Half.allCases {
      guard let undone = published.unpooled(target),
        let pooled = published.accuracy(of: PaperTask(.transfer, target)),
        let source = published.accuracy(of: PaperTask(.network, target.other))
      else { continue }
      sums.append(
        "\(target.other.rawValue) -> \(target.rawValue), the table undone: \(percent(pooled)) of 10,000 less "
          + "\(percent(source)) of \(grouped(published.testImages(of: target.other))) is "
          + "\(grouped(undone.pooledCorrect)) - \(grouped(undone.sourceCorrect)) = \(grouped(undone.correct)) of "
          + "\(grouped(undone.images)), \(percent(undone.accuracy.percent)) true, if the table is one run")
    }
    if lines.count + sums.count == 1 { return nil }
    return Finding(title: "The reported transfer accuracies pool two test sets", lines: lines, sums: sums)
  }

  /// Finding 2: the matrices count the target alone and disagree with the table.
  private var matricesDisagree: Finding? {
    var lines: [String] = []
    var exact = 0
    var compared = 0
    for system in PaperSystem.reported {
      for target in Half.allCases {
        let task = PaperTask(system, target)
        guard let table = published.accuracy(of: task) else { continue }
        let sums = PublishedPaper.Publication.allCases.compactMap { publication -> String? in
          guard let matrix = published.matrix(of: task, in: publication) else { return nil }
          compared += 1
          if percent(matrix.accuracy.percent) == percent(table) { exact += 1 }
          return "\(publication.rawValue) \(grouped(matrix.correct)) / \(grouped(matrix.count)) = "
            + percent(matrix.accuracy.percent)
        }
        lines.append("\(task): table \(percent(table)); " + sums.joined(separator: "; "))
      }
    }
    for target in Half.allCases {
      let task = PaperTask(.transfer, target)
      guard let table = published.accuracy(of: task),
        let range = reference[task]?.accuracy.predictionInterval(confidence: ReferenceRuns.verdictConfidence),
        let values = reference[task]?.accuracy.values, let low = values.min(), let high = values.max()
      else { continue }
      let place = range.contains(table) ? "inside" : "outside"
      lines.append(
        "\(target.rawValue): \(percent(table)) lies \(place) what the target alone gives: \(percent(low)) to "
          + "\(percent(high)) in \(values.count) reference runs, 99 % range \(percent(range.low)) to \(percent(range.high))"
      )
    }
    let origin =
      exact == 0
      ? "none equals its figure in the table, and the two sets differ from each other, so the table, the report's matrices "
        + "and the repository's come from at least three runs."
      : "\(exact) equal their figures in the table."
    lines.append("Of \(compared) matrices \(origin)")
    return Finding(title: "The study's own confusion matrices count the target alone", lines: lines)
  }

  /// Finding 3: negative transfer.
  private var transferAgainstControls: Finding? {
    let comparisons = controlComparisons
    let lines = comparisons.compactMap { comparison -> String? in
      guard let transfer = cell(PaperTask(.transfer, comparison.target)),
        let control = cell(PaperTask(comparison.control, comparison.target))
      else { return nil }
      let what =
        comparison.control == .scratchMatched
        ? "from scratch as long with the same optimizer" : "the same head on a body never trained"
      return "\(comparison.target.other.rawValue) -> \(comparison.target.rawValue): transferred "
        + "\(percent(transfer.accuracy.mean)), \(what) \(percent(control.accuracy.mean)): "
        + "\(signed(comparison.gain.mean)) points (\(comparison.certainty))"
    }
    guard !lines.isEmpty else { return nil }
    return Finding(title: negativeTransfer ?? "Transfer against its controls", lines: lines)
  }

  /// Finding 4: with few labels, transfer wins.
  private var fewLabelsFinding: Finding? {
    guard !fewLabels.isEmpty else { return nil }
    let lines = fewLabels.map { outcome in
      let gain = outcome.gain
      return
        "\(outcome.target.other.rawValue) -> \(outcome.target.rawValue), \(outcome.labelsPerClass) labels per class, "
        + "\(gain.count) draws: from scratch \(percent(outcome.scratch.mean)), transferred and fine-tuned "
        + "\(percent(outcome.transfer.mean)), gain \(signed(gain.mean))\(bounds(gain.meanInterval())) points"
    }
    let helps = fewLabels.allSatisfy { ($0.gain.meanInterval()?.low ?? 0) > 0 }
    return Finding(
      title: helps ? "With few labels transfer wins" : "With few labels: no clear gain",
      lines: lines + [
        "One source network for all draws: the intervals leave out the source's own variance.",
        "Nothing is chosen here. The learning rates (scratch 0.001, new head 0.003, then everything 0.0003) are those that were best "
          + "among three for each side in PyTorch runs on the same test images, so these figures are a little too good for both.",
      ])
  }

  /// Finding 5: slips in the text and the code.
  private var smallOnes: Finding? {
    guard let table = published.accuracy(of: PaperTask(.network, .even)),
      let odd = published.accuracy(of: PaperTask(.network, .odd)),
      let text = published.claims.first(where: { $0.id == "network-even-accuracy" })
    else { return nil }
    return Finding(
      title: "Small ones",
      lines: [
        "The text says \"\(text.claim)\"; its table says \(percent(table)).",
        "\(percent(odd)) is called a precision; it is the table's accuracy.",
        "The code prints every accuracy as \"on odd numbers\", whatever was tested.",
      ])
  }
}

/// An interval in words; empty if there is none.
func bounds(_ interval: Interval?) -> String {
  interval.map { " (95 % interval \(signed($0.low)) to \(signed($0.high)))" } ?? ""
}
