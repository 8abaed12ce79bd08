/// A line of a chart.
package struct Series: Sendable, Equatable {
  /// A pair of values. A value that is not finite breaks the line.
  package struct Point: Sendable, Equatable {
    /// The value on the x axis, in its units.
    package var x: Double
    /// The value on the y axis, in its units.
    package var y: Double

    /// A pair of values in units of the axes.
    package init(x: Double, y: Double) {
      self.x = x
      self.y = y
    }
  }

  /// An interval at one x: a confidence interval, or a spread over seeds.
  package struct Interval: Sendable, Equatable {
    /// The value on the x axis, in its units.
    package var x: Double
    /// The lower bound, in units of the y axis.
    package var low: Double
    /// The upper bound, in units of the y axis.
    package var high: Double

    /// An interval at `x`, in units of the axes.
    package init(x: Double, low: Double, high: Double) {
      self.x = x
      self.low = low
      self.high = high
    }
  }

  /// The name beside the line or in the legend.
  package var name: String
  /// The points in the order in which the line goes through them; x need not ascend.
  package var points: [Point]
  /// The band, drawn as an area behind the lines.
  package var band: [Interval]
  /// The colour; nil for the colour of the position among the series.
  package var color: ColorRole?
  /// Whether the line is dashed, to tell two kinds of one colour apart.
  package var dashed: Bool
  /// Whether only dots are drawn at the points, without a line through them.
  package var isScatter = false

  /// A line through `points`, in units of the axes.
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

  /// Dots that no line joins, in units of the axes.
  package init(_ name: String, dots: [(x: Double, y: Double)], color: ColorRole? = nil) {
    self.init(name, points: dots, color: color)
    isScatter = true
  }

  /// A line with a value for each of the steps `first`, `first` + 1, …, which are epochs as a rule.
  package init(
    _ name: String, values: [Double], from first: Int = 1, color: ColorRole? = nil, dashed: Bool = false
  ) {
    let points = values.enumerated().map { (x: Double(first + $0.offset), y: $0.element) }
    self.init(name, points: points, color: color, dashed: dashed)
  }
}
