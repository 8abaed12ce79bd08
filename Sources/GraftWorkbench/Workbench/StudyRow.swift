import GraftData
import GraftStatistics
import GraftTraining

/// A row of the study's table: one method on one pair at one number of labels, over all seeds.
public struct StudyRow: Sendable {
  /// The source's name, `mnist:even`; the same for the control, which does not use it.
  public let source: String
  /// The target's name.
  public let target: String
  /// The method.
  public let method: TransferMethod
  /// The share of the target's training data.
  public let share: Share
  /// Labelled images per class; a mean if the classes have unequal numbers of images.
  public let labelsPerClass: Double
  /// The records of the trials, one per seed, in the order of the seeds; a seed whose training diverged has none.
  public let records: [TrialRecord]
  /// The records of the trials that diverged: a loss or an output was no longer a finite number.
  package let diverged: [TrialRecord]
  /// Whether a training of the control diverged, so that there is nothing to compare with.
  package let controlDiverged: Bool
  /// The 95 % interval of the seeds' mean accuracy over other test images of the same kind, in percent: a percentile
  /// bootstrap over images of the share of seeds that are right about each.
  package let accuracyOverImages: Interval
  /// The comparison with the control on the same seeds and test images, as this study judges it; nil for the control
  /// itself, and if a training of either diverged.
  public let judged: JudgedComparison?
  /// The time at which the method was as accurate as the control at its end.
  package let timeWorth: TimeWorth
  /// The cost to the source's task; nil for a method that uses no source, and if that task is not known.
  package let retention: Retention?
  /// The forward transfer, how much sooner the method was good, one per seed; nil for the control and for a head that
  /// was solved, which has no way there.
  package let forwardTransfer: Sample?

  /// The comparison with the control; nil for the control itself.
  public var comparison: MethodComparison? { judged?.comparison }
  /// The p-value after Holm's correction over all comparisons of the study.
  package var adjustedP: Double? { judged?.adjustedP }
  /// Whether the row is the control's.
  package var isControl: Bool { method == .scratch }
  /// The accuracies in percent, one per seed that ended; empty if all diverged.
  public var accuracy: Sample { Sample(records.map(\.outcome.accuracy.percent)) }
  /// Whether every seed ended with a model.
  package var isWhole: Bool { diverged.isEmpty }
  /// The number of test images.
  package var images: Int { records.first?.outcome.images ?? 0 }
  /// The verdict against the control; nil for the control itself, and if a training of either diverged.
  public var verdict: Verdict? { judged?.verdict }
}

/// The time that a method takes to become as accurate as its control is at its end, seed by seed.
package struct TimeWorth: Sendable, Hashable {
  /// The point of a training at which it was as accurate.
  package struct Reached: Sendable, Hashable {
    /// Epochs done, or iterations of a solver.
    package let epoch: Int
    /// Seconds spent training until then.
    package let seconds: Double
  }

  /// The points that were reached, one per seed; nil if the seed never got there.
  package let reached: [Reached?]

  /// Finds the point of each seed.
  ///
  /// - Parameter control: The control's records in the same order of seeds.
  init(_ records: [TrialRecord], control: [TrialRecord]) {
    reached = zip(records, control).map { record, control in
      record.outcome.history.first { $0.correct >= control.outcome.correct }.map {
        Reached(epoch: $0.epoch, seconds: $0.seconds)
      }
    }
  }

  /// The number of seeds that got there.
  package var count: Int { reached.count { $0 != nil } }
  /// The median epoch over all seeds, a seed that never got there counting as later than any; nil if that is the
  /// median.
  package var medianEpoch: Double? { median(reached.map { $0.map { Double($0.epoch) } }) }
  /// The median seconds over all seeds, in the same way.
  package var medianSeconds: Double? { median(reached.map { $0?.seconds }) }

  private func median(_ values: [Double?]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.map { $0 ?? .infinity }.sorted()
    let middle = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    return middle.isFinite ? middle : nil
  }
}
