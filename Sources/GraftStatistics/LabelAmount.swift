import GraftFiles

/// A number of labels per class, or if a curve does not tell it, the side of the curve on which it lies.
package enum LabelAmount: Sendable, Hashable {
  case labels(Double)
  /// Fewer than the curve's first amount.
  case fewerThan(Double)
  /// More than the curve's last amount.
  case moreThan(Double)

  /// The same amount in units of `labels`.
  package func divided(by labels: Double) -> LabelAmount {
    switch self {
    case .labels(let amount): .labels(amount / labels)
    case .fewerThan(let amount): .fewerThan(amount / labels)
    case .moreThan(let amount): .moreThan(amount / labels)
    }
  }

  /// Whether the curve tells only the side on which the amount lies.
  package var isOpen: Bool { if case .labels = self { false } else { true } }

  /// The number itself, or the end of the curve.
  var amount: Double {
    switch self {
    case .labels(let amount), .fewerThan(let amount), .moreThan(let amount): amount
    }
  }
}

/// Labels per class without needless decimals: 10, 0.5, 1.25, and 6,102 for a mean of 6,101.6.
func labelCount(_ labels: Double) -> String {
  if labels == labels.rounded() || labels >= 100, labels < 1e15 { return grouped(Int(labels.rounded())) }
  let text = decimals(labels, 2)
  return text.hasSuffix("0") ? String(text.dropLast()) : text
}

/// The labels per class in words: "1 label per class", "50 labels per class".
func labelWords(_ labels: Double) -> String {
  "\(labelCount(labels)) \(labels == 1 ? "label" : "labels") per class"
}
