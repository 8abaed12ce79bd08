/// A projection of the values of an axis onto pixels.
struct Projection: Sendable {
  let axis: Axis
  private let low: Double
  private let high: Double
  private let start: Double
  private let end: Double

  /// A projection of the lower bound of `domain` onto the pixel `start` and of the upper one onto `end`.
  init(_ axis: Axis, domain: ClosedRange<Double>, from start: Double, to end: Double) {
    self.axis = axis
    self.start = start
    self.end = end
    let linear = axis.scale == .linear
    low = linear ? domain.lowerBound : Decade.logarithm(domain.lowerBound)
    high = linear ? domain.upperBound : Decade.logarithm(domain.upperBound)
  }

  /// The pixel of `value`; nil if it has no place on the axis.
  func callAsFunction(_ value: Double) -> Double? {
    guard axis.admits(value) else { return nil }
    let place = axis.scale == .linear ? value : Decade.logarithm(value)
    return start + (place - low) / (high - low) * (end - start)
  }
}
