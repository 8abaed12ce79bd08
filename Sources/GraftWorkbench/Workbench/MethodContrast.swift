import GraftData
import GraftStatistics
import GraftTraining

/// A comparison of two methods with each other, not with the control, on the same seeds, labelled images and test
/// images.
public struct MethodContrast: Sendable {
  /// The first method.
  public let first: TransferMethod
  /// The second method.
  public let second: TransferMethod
  /// The share of the target's training data.
  public let share: Share
  /// Labelled images per class; a mean if the classes have unequal numbers of images.
  package let labelsPerClass: Double
  /// The judged comparison, first minus second; `helps` means that the first is better.
  public let judged: JudgedComparison
}

/// A contrast that a study is to make.
struct ContrastQuestion {
  let first: TransferMethod
  let second: TransferMethod
  let share: Share

  /// The comparison of the two methods' rows; nil if one of the two has no row, or a training that diverged.
  func draft(in drafts: [RowDraft]) -> ComparisonDraft? {
    func draft(_ method: TransferMethod) -> RowDraft? { drafts.first { $0.method == method && $0.share == share } }
    guard let first = draft(first), let second = draft(second), first.isWhole, second.isWhole else {
      return nil
    }
    return ComparisonDraft(first, second)
  }
}

extension TransferStudy {
  /// The comparisons of a pair's methods besides the comparisons with the control: with each other if that is asked
  /// for, and with the source as it stands if it is one of the methods.
  func contrasts(in pair: StudyPair) -> [ContrastQuestion] {
    let methods = methods(for: pair)
    var asked = options.contrasts.map { ($0.first, $0.second) }
    if methods.contains(.untouched) {
      asked += methods.filter { $0.usesSource && $0 != .untouched }.map { ($0, .untouched) }
    }
    // The second control of a published body: the worth of its features, apart from what the head learns.
    if pair.control != nil {
      let known = asked.map { [$0.0, $0.1] }
      asked += methods.filter { $0.usesSource && $0 != .untouched && !known.contains([$0, .randomFrozen]) }.map {
        ($0, .randomFrozen)
      }
    }
    return options.shares.flatMap { share in
      asked.filter { methods.contains($0.0) && methods.contains($0.1) }.map {
        ContrastQuestion(first: $0.0, second: $0.1, share: share)
      }
    }
  }
}
