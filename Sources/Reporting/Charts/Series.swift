/// One line of a chart.
package struct Series: Sendable, Equatable {
  /// A pair of values. What is not finite breaks the line.
  package struct Point: Sendable, Equatable {
    package var x: Double
    package var y: Double

    package init(x: Double, y: Double) {
      self.x = x
      self.y = y
    }
  }

  /// The values between which something lies at one x: a confidence interval, a spread over seeds.
  package struct Interval: Sendable, Equatable {
    package var x: Double
    package var low: Double
    package var high: Double

    package init(x: Double, low: Double, high: Double) {
      self.x = x
      self.low = low
      self.high = high
    }
  }

  package var name: String
  /// In the order in which the line goes through them; x need not ascend.
  package var points: [Point]
  /// Drawn as an area behind the lines.
  package var band: [Interval]
  /// nil takes the colour of the position among the series.
  package var color: ColorRole?
  package var dashed: Bool

  package init(
    _ name: String, points: [(x: Double, y: Double)], band: [Interval] = [], color: ColorRole? = nil,
    dashed: Bool = false
  ) {
    self.name = name
    self.points = points.map { Point(x: $0.x, y: $0.y) }
    self.band = band
    self.color = color
    self.dashed = dashed
  }

  /// A value for each of the steps `first`, `first` + 1, …: epochs, as a rule.
  package init(
    _ name: String, values: [Double], from first: Int = 1, color: ColorRole? = nil, dashed: Bool = false
  ) {
    let points = values.enumerated().map { (x: Double(first + $0.offset), y: $0.element) }
    self.init(name, points: points, color: color, dashed: dashed)
  }
}

/// A horizontal line at a value to compare with, such as a published one.
package struct ReferenceLine: Sendable, Equatable {
  package var label: String
  package var value: Double

  package init(_ label: String, at value: Double) {
    self.label = label
    self.value = value
  }
}
