/// The look of a line: colour, width and dashes.
package struct Stroke: Sendable, Equatable {
  /// The colour of the line.
  package var color: Color
  /// The width in pixels.
  package var width: Double
  /// Lengths of dashes and gaps in pixels; empty for a solid line.
  package var dashes: [Double]

  /// A line of `width` pixels; solid unless there are `dashes`.
  package init(_ color: Color, width: Double = 1, dashes: [Double] = []) {
    self.color = color
    self.width = width
    self.dashes = dashes
  }

  var dashValue: SVGValue? {
    dashes.isEmpty ? nil : .text(dashes.map(NumberText.coordinate).joined(separator: " "))
  }
}
