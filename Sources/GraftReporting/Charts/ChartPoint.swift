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
