/// The ticks of an axis.
package struct Ticks: Sendable, Equatable {
  /// The values of the labelled ticks, ascending, in units of the data.
  package var values: [Double]
  /// The labels, one for each value.
  package var labels: [String]
  /// The values of the minor ticks, without labels, between the others.
  package var minor: [Double]
  /// The number of decimals for a value beside the axis: two digits more than the ticks tell apart. nil if powers of ten
  /// are written out.
  package var valueDecimals: Int?

  /// The ticks as they are given; `linear` and `logarithmic` choose them.
  package init(values: [Double], labels: [String], minor: [Double] = [], valueDecimals: Int? = nil) {
    self.values = values
    self.labels = labels
    self.minor = minor
    self.valueDecimals = valueDecimals
  }

  /// Ticks at round numbers between `low` and `high`, about `count` of them.
  ///
  /// Their distance is 1, 2, 2.5 or 5 times a power of ten (Heckbert, "Nice Numbers for Graph Labels", Graphics Gems,
  /// 1990; the 2.5 after Talbot, Lin and Hanrahan, InfoVis 2010). With `whole`, it is an integer.
  package static func linear(from low: Double, to high: Double, count: Int = 5, whole: Bool = false) -> Ticks {
    let (low, high) = (min(low, high), max(low, high))
    guard let step = Step.dividing(low, high, into: count, whole: whole) else {
      let value = low.isFinite ? low : 0
      return Ticks(values: [value], labels: [NumberText.significant(value, digits: 3)])
    }
    // A bound may miss a multiple of the step by a rounding error.
    let first = Int((low / step.value - 1e-6).rounded(.up))
    let last = Int((high / step.value + 1e-6).rounded(.down))
    guard first <= last else { return Ticks(values: [], labels: []) }
    let multiples = (first...last).map { $0 * step.mantissa }
    let values = multiples.map { Decade.value($0, exponent: step.exponent) }
    let largest = String(max(first.magnitude, last.magnitude) * step.mantissa.magnitude)
    let order = largest.count - 1 + step.exponent
    if order >= 7 || order < -4 {
      let labels = multiples.map { multiple in
        multiple == 0
          ? "0" : NumberText.decimal(multiple, exponent: step.exponent - order) + "×" + NumberText.powerOfTen(order)
      }
      return Ticks(values: values, labels: labels)
    }
    let labels = multiples.map { NumberText.decimal($0, exponent: step.exponent) }
    return Ticks(values: values, labels: labels, valueDecimals: step.valueDecimals)
  }

  /// A distance between ticks: `mantissa` · 10^`exponent`.
  struct Step {
    var mantissa: Int
    var exponent: Int
    var value: Double { Decade.value(mantissa, exponent: exponent) }

    /// The decimals: at least two, as in 98.56 %, unless the step is 100 or more.
    var valueDecimals: Int { value >= 100 ? 0 : max(2, (mantissa == 25 ? 1 : 2) - exponent) }

    /// A round step that divides the range into about `count` parts; nil if the range is empty.
    static func dividing(_ low: Double, _ high: Double, into count: Int, whole: Bool) -> Step? {
      let span = high - low
      guard span.isFinite, span > 1e-300, span > max(abs(low), abs(high)) * 1e-11 else { return nil }
      let target = span / Double(max(count, 1))
      let order = Decade.exponent(of: target)
      let candidates = [(1, order), (2, order), (25, order - 1), (5, order), (1, order + 1)].map(Step.init)
      if whole && target <= 1 { return Step(mantissa: 1, exponent: 0) }
      let allowed = candidates.filter { !whole || $0.mantissa != 25 || $0.exponent >= 0 }
      return allowed.first { $0.value >= target * 0.8 } ?? candidates.last
    }
  }
}
