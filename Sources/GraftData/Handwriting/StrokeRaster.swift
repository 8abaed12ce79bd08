/// A grey image into which pen strokes are drawn; the middle of the first pixel is at (0, 0).
struct StrokeRaster: Sendable {
  let size: Int
  /// Ink per pixel, from 0 to 1.
  private(set) var ink: [Float]

  init(size: Int) {
    self.size = size
    ink = Array(repeating: 0, count: size * size)
  }

  mutating func clear() {
    for pixel in ink.indices { ink[pixel] = 0 }
  }

  /// Draws the pieces of a path on which the pen writes.
  ///
  /// A piece is the set of points within its half width, `halfWidth` × pressure pixels, of a straight line, with round
  /// ends. Ink falls linearly from 1 to 0 over the two `softness` around that distance, and pieces cover each other, so
  /// that joints do not show.
  mutating func draw(_ points: [PenPoint], halfWidth: Float, softness: Float) {
    for index in points.indices.dropFirst() where points[index].writes {
      draw(points[index - 1], points[index], halfWidth: halfWidth, softness: softness)
    }
  }

  private mutating func draw(_ a: PenPoint, _ b: PenPoint, halfWidth: Float, softness: Float) {
    let (dx, dy) = (b.x - a.x, b.y - a.y)
    let inverse = 1 / max(dx * dx + dy * dy, 1e-6)
    let thin = a.pressure * halfWidth + softness
    let growth = (b.pressure - a.pressure) * halfWidth
    let reach = max(thin, thin + growth)
    guard let rows = pixels(min(a.y, b.y) - reach, max(a.y, b.y) + reach),
      let columns = pixels(min(a.x, b.x) - reach, max(a.x, b.x) + reach)
    else { return }
    let steepness = 1 / (2 * softness)
    for row in rows {
      let y = Float(row) - a.y
      for column in columns {
        let x = Float(column) - a.x
        let t = min(max((x * dx + y * dy) * inverse, 0), 1)
        let (awayX, awayY) = (x - t * dx, y - t * dy)
        let square = awayX * awayX + awayY * awayY
        let edge = thin + t * growth
        guard edge > 0, square < edge * edge else { continue }
        let amount = min((edge - square.squareRoot()) * steepness, 1)
        let pixel = row * size + column
        if amount > ink[pixel] { ink[pixel] = amount }
      }
    }
  }

  /// The pixels between two coordinates; nil if there are none.
  private func pixels(_ low: Float, _ high: Float) -> ClosedRange<Int>? {
    let first = Int(max(low, 0).rounded(.up))
    let last = Int(min(max(high, -1), Float(size - 1)).rounded(.down))
    return first <= last ? first...last : nil
  }
}
