import Files
import Studies
import Training

/// What a pair of source and target comes to, in plain words.
struct StudySummary {
  let pair: StudyResult.Pair

  private var methods: [TransferMethod] { pair.methods.filter { $0 != .scratch } }

  /// Points for a list: harm first, then gains, the best of each amount, labels, time.
  var points: [String] {
    methods.flatMap(harm) + methods.map(summary) + [best].compactMap { $0 }
      + methods.compactMap(labels) + methods.compactMap(time)
  }

  // MARK: - Gains

  /// Negative transfer, said first and in full for the amount at which it is worst.
  private func harm(_ method: TransferMethod) -> [String] {
    let harmed = pair.rising(method).filter { $0.verdict == .hurts }
    guard let worst = harmed.min(by: { gain($0) < gain($1) }), let words = words(worst) else { return [] }
    let others = harmed.filter { $0.share != worst.share }
    let also = others.isEmpty ? "" : "; also \(StudyWords.with(others)) (\(gains(others)))"
    return ["NEGATIVE TRANSFER: \(StudyWords.with([worst])) \(method) \(words)\(also)."]
  }

  private func summary(_ method: TransferMethod) -> String {
    let rows = pair.rising(method)
    guard let turn = pair.signTurn(of: method) else { return "\(method): nothing was compared." }
    if turn == .neverShown { return "\(method): \(turn.words) (\(gains(rows)) \(StudyWords.with(rows)))." }
    var text = "\(method): \(turn.words)"
    let helped = rows.filter { $0.verdict == .helps }
    if let most = helped.max(by: { gain($0) < gain($1) }), let words = words(most) {
      text += "; \(helped.count > 1 ? "most " : "")\(StudyWords.with([most])), where it \(words)"
    }
    let ties = rows.filter { $0.verdict == .tie }
    if !ties.isEmpty { text += "; no difference is shown \(StudyWords.with(ties)) (\(gains(ties)))" }
    return text + "."
  }

  private func gain(_ row: StudyRow) -> Double { row.comparison?.gain.mean ?? 0 }

  private func gains(_ rows: [StudyRow]) -> String {
    "\(StudyWords.list(rows.map { StudyWords.signed(gain($0)) })) points"
  }

  private func words(_ row: StudyRow) -> String? {
    guard let comparison = row.comparison, let adjustedP = row.adjustedP else { return nil }
    let words = comparison.words(adjustedP: adjustedP)
    return words.hasPrefix("hurts") ? "HURTS\(words.dropFirst(5))" : words
  }

  // MARK: - Best

  /// The highest mean at each amount; whether it is shown to be higher than the next is not asked.
  private var best: String? {
    if methods.isEmpty { return nil }
    var runs: [[StudyRow]] = []
    for control in pair.rising(.scratch) {
      // Of equals the first, which is the control where it is among them.
      var best = control
      for row in pair.rows where row.share == control.share && row.accuracy.mean > best.accuracy.mean { best = row }
      if runs.last?.last?.method == best.method { runs[runs.count - 1].append(best) } else { runs.append([best]) }
    }
    let parts = runs.compactMap { rows in
      rows.first.map { first in
        "\(first.method) \(StudyWords.with(rows)) (\(StudyWords.list(rows.map { percent($0.accuracy.mean) })) %)"
      }
    }
    return parts.isEmpty ? nil : "Highest mean accuracy: \(parts.joined(separator: "; "))."
  }

  // MARK: - Labels

  /// At the two smallest amounts: where labels are scarce is where their worth counts.
  private func labels(_ method: TransferMethod) -> String? {
    let worths = pair.rising(method).prefix(2).compactMap { pair.labelWorth(of: $0)?.words }
    return worths.isEmpty ? nil : "In labels of scratch, \(method) is \(StudyWords.list(worths))."
  }

  // MARK: - Time

  private func time(_ method: TransferMethod) -> String? {
    let rows = pair.rising(method)
    let faster = rows.filter { row in
      guard let own = cost(row, isSolved: row.isSolved), let control = pair.control(of: row),
        let theirs = cost(control, isSolved: row.isSolved)
      else { return false }
      return own < theirs
    }
    let never = rows.filter { $0.timeWorth.count == 0 && !$0.timeWorth.reached.isEmpty }
    let seeds = never.first?.timeWorth.reached.count ?? 0
    // What is compared, see `cost`: epochs may be fewer where the seconds are not.
    let measure = rows.contains { !$0.isSolved } ? "In epochs" : "In time"
    let missed = "\(StudyWords.with(never)) (not reached in \(seeds) of \(StudyWords.count(seeds, "seed")))"
    guard let first = faster.first, let control = pair.control(of: first) else {
      if never.isEmpty { return "\(measure), \(method) saves nothing that the medians over seeds show." }
      return "\(measure), \(method) saves nothing: it never gets to scratch's final accuracy \(missed)."
    }
    let example = faster.count == 1 ? "" : "\(StudyWords.with([first])) "
    let text =
      "\(measure), \(method) gets to scratch's final accuracy sooner than scratch itself \(StudyWords.with(faster)) "
      + "(\(example)after \(spent(first)), scratch after \(spent(control)))"
    return text + (never.isEmpty ? "." : "; never \(missed).")
  }

  /// What is compared: epochs, which no busy machine stretches; seconds for a solved head, which has none.
  private func cost(_ row: StudyRow, isSolved: Bool) -> Double? {
    isSolved ? row.timeWorth.medianSeconds : row.timeWorth.medianEpoch
  }

  private func spent(_ row: StudyRow) -> String {
    guard let epoch = row.timeWorth.medianEpoch, let seconds = row.timeWorth.medianSeconds else { return "never" }
    let time = "\(StudyWords.seconds(seconds)) s"
    if row.isSolved { return time }
    let epochs = decimals(epoch, epoch == epoch.rounded() ? 0 : 1)
    return "\(epochs) \(epoch == 1 ? "epoch" : "epochs") and \(time)"
  }
}
