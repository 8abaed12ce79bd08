import GraftData
import GraftTraining

/// One method on one pair at one number of labels, over all seeds: a row of the study's table.
public struct StudyRow: Sendable {
  /// `mnist:even`; the same for the control, which does not use it.
  public let source: String
  public let target: String
  public let method: TransferMethod
  public let share: Share
  /// A mean where the classes have unequal numbers of images.
  public let labelsPerClass: Double
  /// One per seed, in the order of the seeds.
  public let records: [TrialRecord]
  /// What other test images of the same kind would say of the seeds' average model, in percent: a percentile bootstrap over
  /// images of the share of seeds that are right about each, 95 %.
  public let accuracyOverImages: Interval
  /// Against the control on the same seeds and test images, as this study judges it; nil for the control itself.
  public let judged: JudgedComparison?
  /// When the method was as accurate as the control at its end.
  public let timeWorth: TimeWorth
  /// What it cost the source's task; nil for a method that uses no source, and where that task is not known.
  public let retention: Retention?
  /// How much sooner the method was good; nil for the control and for a head that was solved, which has no way there.
  public let forwardTransfer: Sample?

  public var comparison: MethodComparison? { judged?.comparison }
  /// After Holm's correction over all comparisons of the study.
  public var adjustedP: Double? { judged?.adjustedP }
  public var isControl: Bool { judged == nil }
  /// In percent, one per seed.
  public var accuracy: Sample { Sample(records.map(\.outcome.accuracy)) }
  public var images: Int { records.first?.outcome.images ?? 0 }
  /// Nil for the control.
  public var verdict: Verdict? { judged?.verdict }
}

/// How long a method takes to become as accurate as its control is at its end, seed by seed.
public struct TimeWorth: Sendable, Hashable {
  public struct Reached: Sendable, Hashable {
    public let epoch: Int
    public let seconds: Double
  }

  /// One per seed; nil where it never got there.
  public let reached: [Reached?]

  /// - Parameter control: The control's records in the same order of seeds.
  init(_ records: [TrialRecord], control: [TrialRecord]) {
    reached = zip(records, control).map { record, control in
      record.outcome.history.first { $0.correct >= control.outcome.correct }.map {
        Reached(epoch: $0.epoch, seconds: $0.seconds)
      }
    }
  }

  /// Seeds that got there.
  public var count: Int { reached.count { $0 != nil } }
  /// The median over all seeds, one that never got there counting as later than any; nil where that is the median.
  public var medianEpoch: Double? { median(reached.map { $0.map { Double($0.epoch) } }) }
  public var medianSeconds: Double? { median(reached.map { $0?.seconds }) }

  private func median(_ values: [Double?]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.map { $0 ?? .infinity }.sorted()
    let middle = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    return middle.isFinite ? middle : nil
  }
}
