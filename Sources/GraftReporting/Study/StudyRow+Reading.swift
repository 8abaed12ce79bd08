import GraftData
import GraftReproduction
import GraftStatistics
import GraftTraining
import GraftWorkbench

extension StudyRow {
  /// Whether the method is only a solved head, whose history counts iterations, not epochs.
  var isSolved: Bool {
    !records.isEmpty
      && records.allSatisfy { $0.outcome.history.count == 1 && $0.outcome.history.allSatisfy { $0.trainLoss == nil } }
  }

  /// The whole number of labels per class, if the study asked for one.
  var askedPerClass: Int? { if case .perClass(let count) = share { count } else { nil } }

  /// Half the 95 % interval over seeds of a sample, which lies evenly about its mean; nil for one seed.
  static func halfWidth(_ sample: Sample) -> Double? { sample.meanInterval().map { ($0.high - $0.low) / 2 } }
}

extension StudyResult {
  /// The warning above every table and figure if digits were never written by a hand; nil otherwise.
  package var banner: String? {
    let names = pairs.flatMap { [$0.source, $0.target] }
    guard names.contains(where: StudyResult.isSynthetic) else { return nil }
    let whole = names.allSatisfy(StudyResult.isSynthetic)
    return whole
      ? "BUILT-IN SYNTHETIC DIGITS, NOT MNIST: these figures say nothing about handwriting"
      : "BUILT-IN SYNTHETIC DIGITS are one end of a pair: its figures say nothing about handwriting"
  }

  static func isSynthetic(_ name: String) -> Bool { name.hasPrefix("synthetic:") }
}

extension StudyResult.Pair {
  /// The control at the same number of labels.
  func control(of row: StudyRow) -> StudyRow? { self.row(.scratch, row.share) }

  /// Whether the methods are compared with a published body of random weights, as with scratch.
  var hasRandomControl: Bool { control != nil && contrasts.contains { $0.second == .randomFrozen } }

  func tuning(of row: StudyRow) -> Tuning? { tunings.first { $0.method == row.method && $0.share == row.share } }

  /// Whether the study asked for a share of the labels somewhere; `all` is then a share too.
  var asksForShares: Bool { shares.contains { if case .fraction = $0 { true } else { false } } }

  /// The share of the labelled images, if shares were asked for and this is one.
  func fraction(of share: Share) -> Double? {
    switch share {
    case .all: asksForShares ? 1 : nil
    case .fraction(let fraction): fraction
    case .perClass: nil
    }
  }
}
