/// An axis of a chart: what it shows and how.
package struct Axis: Sendable, Equatable {
  /// The scale of an axis: how values become distances.
  package enum Scale: Sendable {
    case linear
    /// A scale with equal distances for equal ratios, which shows only positive values.
    case logarithmic
  }

  /// The title of the axis: the quantity and its unit, such as "accuracy / %".
  package var title: String
  /// The scale: whether equal distances or equal ratios look the same.
  package var scale: Scale
  /// The values at the ends; nil to choose them from the data.
  package var range: ClosedRange<Double>?

  /// An axis over all data, or over `range` only.
  package init(_ title: String = "", scale: Scale = .linear, range: ClosedRange<Double>? = nil) {
    self.title = title
    self.scale = scale
    self.range = range
  }

  /// Returns whether `value` has a place on the axis. Values beyond 10³⁰⁰ would overflow on the way to pixels.
  package func admits(_ value: Double) -> Bool {
    switch scale {
    case .linear: abs(value) < 1e300
    case .logarithmic: value > 1e-300 && value < 1e300
    }
  }

  /// The ticks over `domain`.
  func ticks(over domain: ClosedRange<Double>, count: Int, whole: Bool) -> Ticks {
    switch scale {
    case .linear: .linear(from: domain.lowerBound, to: domain.upperBound, count: count, whole: whole)
    case .logarithmic: .logarithmic(from: domain.lowerBound, to: domain.upperBound, count: count)
    }
  }
}
