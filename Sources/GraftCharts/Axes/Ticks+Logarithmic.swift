extension Ticks {
  /// Powers of ten between `low` and `high`, both positive; with their 2- and 5-fold if few powers lie between.
  ///
  /// Over less than two thirds of a decade, a logarithmic axis is nearly linear and gets linear ticks.
  package static func logarithmic(from low: Double, to high: Double, count: Int = 5) -> Ticks {
    let (low, high) = (min(low, high), max(low, high))
    guard low > 0, high.isFinite else { return Ticks(values: [], labels: []) }
    let decades = Decade.logarithm(high) - Decade.logarithm(low)
    guard decades >= 0.67 else {
      var ticks = linear(from: low, to: high, count: count)
      let kept = ticks.values.indices.filter { ticks.values[$0] > 0 }
      ticks.values = kept.map { ticks.values[$0] }
      ticks.labels = kept.map { ticks.labels[$0] }
      return ticks
    }

    let orders = Decade.exponent(of: low)...max(Decade.exponent(of: low), Decade.exponent(of: high))
    func lies(_ value: Double) -> Bool { value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9) }
    // With many decades, every second or third power gets a tick, counted from 1.
    let stride = max(1, Int((decades / Double(max(count, 1))).rounded(.up)))
    let mantissas = decades <= 2.4 ? [1, 2, 5] : [1]
    let marks = orders.filter { $0 % stride == 0 }
      .flatMap { order in mantissas.map { (mantissa: $0, order: order) } }
      .filter { lies(Decade.value($0.mantissa, exponent: $0.order)) }
    let values = marks.map { Decade.value($0.mantissa, exponent: $0.order) }
    let plain = marks.allSatisfy { $0.order >= -4 && $0.order <= 5 }
    let labels = marks.map { mark in
      if plain { return NumberText.decimal(mark.mantissa, exponent: mark.order) }
      return (mark.mantissa == 1 ? "" : "\(mark.mantissa)×") + NumberText.powerOfTen(mark.order)
    }
    let between = stride == 1 && decades <= 6 ? Array(2...9) : []
    let minor = orders.flatMap { order in between.map { Decade.value($0, exponent: order) } }
      .filter { lies($0) && !values.contains($0) }
    return Ticks(values: values, labels: labels, minor: minor)
  }
}
