/// A place in a picture: pixels from the top left corner, y downwards.
package struct ChartPoint: Sendable, Hashable {
  package var x: Double
  package var y: Double

  package init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }
}

/// A rectangle in a picture, in pixels.
package struct ChartBox: Sendable, Hashable {
  package var x: Double
  package var y: Double
  package var width: Double
  package var height: Double

  package init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  package var right: Double { x + width }
  package var bottom: Double { y + height }
  package var center: ChartPoint { ChartPoint(x: x + width / 2, y: y + height / 2) }

  /// Whether `point` lies inside or on the border.
  package func contains(_ point: ChartPoint) -> Bool {
    point.x >= x && point.x <= right && point.y >= y && point.y <= bottom
  }

  /// The rectangle with a margin of `distance` pixels on all sides.
  package func grown(by distance: Double) -> ChartBox {
    ChartBox(x: x - distance, y: y - distance, width: width + 2 * distance, height: height + 2 * distance)
  }

  /// Whether the rectangles have an inner point in common.
  package func overlaps(_ other: ChartBox) -> Bool {
    x < other.right && other.x < right && y < other.bottom && other.y < bottom
  }
}
