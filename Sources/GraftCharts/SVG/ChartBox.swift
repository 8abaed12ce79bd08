/// A rectangle in a picture, in pixels.
package struct ChartBox: Sendable, Hashable {
  /// The left border.
  package var x: Double
  /// The upper border.
  package var y: Double
  /// The width to the right of `x`; not negative.
  package var width: Double
  /// The height below `y`; not negative.
  package var height: Double

  /// A rectangle from its upper left corner and its size, in pixels.
  package init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// The right border.
  package var right: Double { x + width }
  /// The lower border.
  package var bottom: Double { y + height }
  /// The point in the middle.
  package var center: ChartPoint { ChartPoint(x: x + width / 2, y: y + height / 2) }

  /// Returns whether `point` lies inside or on the border.
  package func contains(_ point: ChartPoint) -> Bool {
    point.x >= x && point.x <= right && point.y >= y && point.y <= bottom
  }

  /// The rectangle with a margin of `distance` pixels on all sides.
  package func grown(by distance: Double) -> ChartBox {
    ChartBox(x: x - distance, y: y - distance, width: width + 2 * distance, height: height + 2 * distance)
  }

  /// Returns whether the rectangles have an inner point in common.
  package func overlaps(_ other: ChartBox) -> Bool {
    x < other.right && other.x < right && y < other.bottom && other.y < bottom
  }
}

/// A point in a picture, in pixels from the top left corner, y downwards.
package struct ChartPoint: Sendable, Hashable {
  /// The distance from the left border of the picture.
  package var x: Double
  /// The distance from the upper border of the picture, downwards.
  package var y: Double

  /// A point from its distances to the left and upper border, in pixels.
  package init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }
}
