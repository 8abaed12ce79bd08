import GraftFiles
import GraftStatistics
import GraftTraining
import GraftWorkbench

/// A summary of a pair of source and target in plain words.
struct StudySummary {
  let pair: StudyResult.Pair

  /// The methods without the controls: scratch, the source as it stands, and the body with random weights if it is one.
  private var methods: [TransferMethod] {
    pair.methods.filter { $0 != .scratch && $0 != .untouched && !($0 == .randomFrozen && pair.hasRandomControl) }
  }

  /// The points of a list: trainings that diverged and harm first, then gains, the source as it stands, methods against each other, the best of each amount,
  /// labels, time.
  var points: [String] {
    pair.methods.compactMap(divergence) + methods.flatMap(harm) + methods.map(summary) + [untouched].compactMap { $0 }
      + contrasts + [best].compactMap { $0 }
      + methods.compactMap(labels) + methods.compactMap(time)
  }

  // MARK: - Divergence

  /// A sentence on trainings that diverged: what is said of the others rests on fewer seeds, or on nothing.
  private func divergence(_ method: TransferMethod) -> String? {
    let rows = pair.rising(method).filter { !$0.isWhole }
    if rows.isEmpty { return nil }
    let parts = rows.map { row in
      "in \(row.diverged.count) of \(StudyWords.count(row.diverged.count + row.records.count, "seed")) \(StudyWords.with([row]))"
    }
    let reason = rows.lazy.compactMap { $0.diverged.first?.outcome.diagnosis.divergence }.first ?? ""
    let left = method == .scratch ? "Without it there is no comparison" : "Such a row has no verdict"
    return "DIVERGED: \(method) \(StudyWords.list(parts)) (\(singleLine(reason))). \(left)."
  }

  // MARK: - Gains

  /// A sentence on negative transfer, which comes first, in full for the amount at which it is worst.
  private func harm(_ method: TransferMethod) -> [String] {
    let harmed = pair.rising(method).filter { $0.verdict == .hurts }
    guard let worst = harmed.min(by: { gain($0) < gain($1) }), let words = words(worst) else { return [] }
    let others = harmed.filter { $0.share != worst.share }
    let also = others.isEmpty ? "" : "; also \(StudyWords.with(others)) (\(gains(others)))"
    return ["NEGATIVE TRANSFER: \(StudyWords.with([worst])) \(method) \(words)\(also)."]
  }

  private func summary(_ method: TransferMethod) -> String {
    let rows = pair.rising(method).filter { $0.judged != nil }
    if rows.contains(where: { $0.verdict == .oneSeed }) { return oneSeed(method, rows) }
    guard let turn = pair.signTurn(of: method) else { return "\(method): nothing was compared." }
    let open = openWords(rows)
    if turn == .neverShown { return "\(method): \(turn.words): \(open.joined(separator: "; "))." }
    var text = "\(method): \(turn.words)"
    let helped = rows.filter { $0.verdict == .helps }
    if let most = helped.max(by: { gain($0) < gain($1) }), let words = words(most) {
      text += "; \(helped.count > 1 ? "most " : "")\(StudyWords.with([most])), where it \(words)"
    }
    return ([text] + open).joined(separator: "; ") + "."
  }

  /// The open verdicts: "equal to scratch within 0.5 points with 200 labels per class (+0.10 points)" and "not shown with …".
  private func openWords(_ rows: [StudyRow]) -> [String] {
    let equal = rows.filter { $0.verdict == .equal }
    let open = rows.filter { $0.verdict == .notShown }
    var parts: [String] = []
    if let margin = equal.first?.judged?.margin {
      parts.append("equal to scratch within \(decimals(margin, 1)) points \(StudyWords.with(equal)) (\(gains(equal)))")
    }
    if !open.isEmpty {
      let could = StudyWords.list(open.map { StudyWords.detectable($0.judged) })
      parts.append(
        "not shown \(StudyWords.with(open)) (\(gains(open)); eight of ten such studies would have shown \(could))")
    }
    return parts
  }

  /// A sentence for one seed, which compares two models at each amount, and no methods.
  private func oneSeed(_ method: TransferMethod, _ rows: [StudyRow]) -> String {
    let differ = rows.filter { ($0.comparison?.pValue ?? 1) < 0.05 }
    let models =
      differ.isEmpty
      ? "no two models are shown to differ"
      : "these two models differ \(StudyWords.with(differ)) (exact McNemar, p < 0.05)"
    return "\(method): one seed says nothing of the method; its model minus that from scratch: \(gains(rows)) "
      + "\(StudyWords.with(rows)); \(models)."
  }

  private func gain(_ row: StudyRow) -> Double { row.comparison?.gain.mean ?? 0 }

  private func gains(_ rows: [StudyRow]) -> String {
    "\(StudyWords.list(rows.map { signed(gain($0)) })) points"
  }

  private func words(_ row: StudyRow) -> String? {
    guard let judged = row.judged else { return nil }
    return judged.verdict == .hurts ? "HURTS\(judged.words.dropFirst(5))" : judged.words
  }

  // MARK: - Against the source as it stands, and against each other

  /// A sentence on the third figure: the best of transfer, scratch and the source untouched; nil if the source cannot answer.
  private var untouched: String? {
    guard let row = pair.rows.first(where: { $0.method == .untouched && !$0.records.isEmpty }) else { return nil }
    var parts = ["The source as it stands, without any training, is right about \(percent(row.accuracy.mean)) %"]
    for control in pair.rising(.scratch) {
      let own = pair.rows.filter { $0.share == control.share && $0.method != .untouched && $0.isWhole }
      guard let best = own.max(by: { $0.accuracy.mean < $1.accuracy.mean }) else { continue }
      let isBest = row.accuracy.mean >= best.accuracy.mean
      let judged =
        best.isControl
        ? pair.row(.untouched, control.share)?.judged
        : pair.contrasts.first { $0.first == best.method && $0.second == .untouched && $0.share == control.share }?
          .judged
      let certainty = judged.map { $0.verdict.isDifference ? "shown" : StudyWords.verdict($0) } ?? "not tested"
      parts.append(
        isBest
          ? "\(StudyWords.with([control])) it is the best of all (next \(best.method), \(percent(best.accuracy.mean)) %; \(certainty))"
          : "\(StudyWords.with([control])) \(best.method) is better (\(percent(best.accuracy.mean)) %; \(certainty))")
    }
    return parts.joined(separator: "; ") + "."
  }

  /// Sentences on methods that were compared with each other on request.
  private var contrasts: [String] {
    let asked = pair.contrasts.filter { $0.second != .untouched }
    let questions = asked.map { [$0.first, $0.second] }.firstOccurrences
    return questions.map { methods in
      let own = asked.filter { [$0.first, $0.second] == methods }
      let parts = own.compactMap { contrast -> String? in
        guard let row = pair.row(contrast.first, contrast.share) else { return nil }
        let gain = signed(contrast.judged.comparison.gain.mean)
        return switch contrast.judged.verdict {
        case .helps: "better \(StudyWords.with([row])) (\(gain) points)"
        case .hurts: "worse \(StudyWords.with([row])) (\(gain) points)"
        case .equal, .notShown, .oneSeed:
          "\(StudyWords.verdict(contrast.judged)) \(StudyWords.with([row])) (\(gain) points)"
        }
      }
      return "\(methods[0]) against \(methods[1]): \(parts.joined(separator: "; "))."
    }
  }

  // MARK: - Best

  /// A sentence on the highest mean at each amount. It says that the mean was not tested against the next one.
  private var best: String? {
    if methods.isEmpty { return nil }
    var runs: [[StudyRow]] = []
    for control in pair.rising(.scratch) {
      // Among equals the first wins, which is the control if it is among them.
      let whole = [control] + pair.rows.filter { $0.share == control.share && !$0.isControl }
      guard var best = whole.first(where: \.isWhole) else { continue }
      for row in whole where row.isWhole && row.accuracy.mean > best.accuracy.mean { best = row }
      if runs.last?.last?.method == best.method { runs[runs.count - 1].append(best) } else { runs.append([best]) }
    }
    let parts = runs.compactMap { rows in
      rows.first.map { first in
        "\(first.method) \(StudyWords.with(rows)) (\(StudyWords.list(rows.map { percent($0.accuracy.mean) })) %)"
      }
    }
    return parts.isEmpty
      ? nil : "Highest mean accuracy, not tested against the next (--compare does): \(parts.joined(separator: "; "))."
  }

  // MARK: - Labels

  /// A sentence on the worth in labels at the two smallest amounts: when labels are scarce, their worth counts.
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
    // The measure of time, see `cost`: epochs may be fewer when seconds are not.
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

  /// The measure of time: epochs, which no busy machine stretches; seconds for a solved head, which has no epochs.
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
