/// A place in a picture: pixels from the top left corner, y downwards.
package struct ChartPoint: Sendable, Hashable {
  /// From the left border of the picture.
  package var x: Double
  /// From the upper border of the picture, downwards.
  package var y: Double

  /// A place from its distances to the left and upper border, in pixels.
  package init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }
}
