import GraftFiles

extension LabelWorth {
  /// The worth in words: "worth 7.1 times the labels at 10 per class (95 % 5.0 to 9.8)".
  package var words: String {
    "worth \(text(factor)) times the labels at \(labelCount(labelsPerClass)) per class"
      + (factorInterval.map { " (95 % \(range($0)))" } ?? "")
  }

  private func range(_ ends: Ends) -> String {
    ends.low == ends.high ? text(ends.low) : "\(text(ends.low)) to \(text(ends.high))"
  }

  private func text(_ factor: LabelAmount) -> String {
    let number = decimals(factor.amount, factor.amount < 1 ? 2 : 1)
    return switch factor {
    case .labels: number
    case .fewerThan: "less than \(number)"
    case .moreThan: "more than \(number)"
    }
  }
}
