import GraftData
import GraftTraining

/// A method against another one, not against the control: on the same seeds, labelled images and test images.
public struct MethodContrast: Sendable {
  public let first: TransferMethod
  public let second: TransferMethod
  public let share: Share
  /// A mean if the classes have unequal numbers of images.
  public let labelsPerClass: Double
  /// First minus second; `helps` means that the first is better.
  public let judged: JudgedComparison
}

/// A contrast that a study is to make.
struct ContrastQuestion {
  let first: TransferMethod
  let second: TransferMethod
  let share: Share

  /// Nil if one of the two has no row.
  func draft(in drafts: [RowDraft]) -> ComparisonDraft? {
    func draft(_ method: TransferMethod) -> RowDraft? { drafts.first { $0.method == method && $0.share == share } }
    guard let first = draft(first), let second = draft(second) else { return nil }
    return ComparisonDraft(first, second)
  }
}

extension TransferStudy {
  /// What a pair's methods are compared with besides the control: each other if that is asked for, and the source as it stands if
  /// that is one of the methods.
  func contrasts(in pair: StudyPair) -> [ContrastQuestion] {
    let methods = methods(for: pair)
    var asked = options.contrasts.map { ($0.first, $0.second) }
    if methods.contains(.untouched) {
      asked += methods.filter { $0.usesSource && $0 != .untouched }.map { ($0, .untouched) }
    }
    return options.shares.flatMap { share in
      asked.filter { methods.contains($0.0) && methods.contains($0.1) }.map {
        ContrastQuestion(first: $0.0, second: $0.1, share: share)
      }
    }
  }
}
