import GraftData
import GraftStatistics
import GraftTraining

/// A row of a study's table before its comparisons are judged together with all others.
struct RowDraft {
  let pair: StudyPair
  let method: TransferMethod
  let share: Share
  /// The records of the trials that ended with a model, in the order of the seeds.
  let records: [TrialRecord]
  /// The records of the trials that diverged.
  let diverged: [TrialRecord]
  /// The records of the sources, one per seed; nil for a source from a file.
  let sources: [TrialRecord?]

  /// Sorts the records, one per seed, into those that ended and those that diverged.
  init(pair: StudyPair, method: TransferMethod, share: Share, records: [TrialRecord], sources: [TrialRecord?]) {
    (self.pair, self.method, self.share, self.sources) = (pair, method, share, sources)
    self.records = records.filter { !$0.outcome.isDiverged }
    diverged = records.filter(\.outcome.isDiverged)
  }

  /// Whether every seed ended with a model. What is compared seed by seed needs all of them.
  var isWhole: Bool { diverged.isEmpty }

  /// The comparison with the control at the same number of labels; nil for the control itself, and if a training of either diverged: the
  /// seeds that are left are no fair sample.
  func againstControl(in drafts: [RowDraft]) -> ComparisonDraft? {
    guard method != .scratch, let control = control(among: drafts), isWhole, control.isWhole else { return nil }
    return ComparisonDraft(self, control)
  }

  private func control(among drafts: [RowDraft]) -> RowDraft? {
    drafts.first { $0.method == .scratch && $0.share == share }
  }

  private var accuracyOverImages: Interval {
    let labels = pair.target.testSet.labels
    var right = [Int](repeating: 0, count: labels.count)
    for record in records {
      for image in labels.indices where record.outcome.answers[image] == labels[image] { right[image] += 1 }
    }
    return PairedBootstrap(differences: right.map { 100 * Double($0) / Double(max(records.count, 1)) }).interval()
  }

  private var retention: Retention? {
    guard method.usesSource, isWhole else { return nil }
    return Retention(
      before: sources.map { source in
        source.map { Tally(correct: $0.outcome.correct, images: $0.outcome.images) }
      }, after: records.map(\.outcome.diagnosis.sourceTask))
  }

  private func forwardTransfer(_ control: [TrialRecord]) -> Sample? {
    guard method != .scratch, isWhole, !control.isEmpty else { return nil }
    let values = zip(records, control).compactMap { ForwardTransfer($0.outcome, control: $1.outcome)?.value }
    return values.isEmpty || values.count < records.count ? nil : Sample(values)
  }

  func row(_ judged: JudgedComparison?, among drafts: [RowDraft]) -> StudyRow {
    let scratch = control(among: drafts)
    let control = scratch.map { $0.isWhole ? $0.records : [] } ?? []
    return StudyRow(
      source: pair.source.name, target: pair.target.name, method: method, share: share,
      labelsPerClass: pair.target.labelsPerClass(share), records: records,
      diverged: diverged, controlDiverged: scratch?.isWhole == false, accuracyOverImages: accuracyOverImages,
      judged: judged, timeWorth: TimeWorth(isWhole ? records : [], control: control), retention: retention,
      forwardTransfer: forwardTransfer(control))
  }
}
