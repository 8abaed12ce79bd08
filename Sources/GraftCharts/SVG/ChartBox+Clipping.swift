// Cutting lines and areas at the border of the plot. Done here and not by a clip path in the SVG, which needs an
// identifier and would leave invisible points outside the picture.
extension ChartBox {
  /// The part of the line from `start` to `end` inside the rectangle (Liang and Barsky, ACM TOG 3, 1984).
  package func clipped(_ start: ChartPoint, _ end: ChartPoint) -> (ChartPoint, ChartPoint)? {
    let dx = end.x - start.x
    let dy = end.y - start.y
    var enter = 0.0
    var leave = 1.0
    for (direction, room) in [
      (-dx, start.x - x), (dx, right - start.x), (-dy, start.y - y), (dy, bottom - start.y),
    ] {
      if direction == 0 {
        if room < 0 { return nil }
      } else if direction < 0 {
        enter = max(enter, room / direction)
      } else {
        leave = min(leave, room / direction)
      }
    }
    guard enter <= leave else { return nil }
    func point(_ share: Double) -> ChartPoint {
      share == 0 ? start : share == 1 ? end : ChartPoint(x: start.x + share * dx, y: start.y + share * dy)
    }
    return (point(enter), point(leave))
  }

  /// The parts of a line through `points` inside the rectangle.
  package func clipped(line points: [ChartPoint]) -> [[ChartPoint]] {
    if points.count == 1 { return points.filter(contains).map { [$0] } }
    var parts: [[ChartPoint]] = []
    var current: [ChartPoint] = []
    func finish() {
      if !current.isEmpty { parts.append(current) }
      current = []
    }
    for (start, end) in zip(points, points.dropFirst()) {
      guard let (from, to) = clipped(start, end) else {
        finish()
        continue
      }
      if current.last != from {
        finish()
        current.append(from)
      }
      if to != from { current.append(to) }
    }
    finish()
    return parts
  }

  /// The part of the polygon `corners` inside the rectangle (Sutherland and Hodgman, CACM 17, 1974).
  package func clipped(polygon corners: [ChartPoint]) -> [ChartPoint] {
    let depths: [(ChartPoint) -> Double] = [
      { $0.x - x }, { right - $0.x }, { $0.y - y }, { bottom - $0.y },
    ]
    return depths.reduce(corners) { polygon, depth in
      var result: [ChartPoint] = []
      for (index, corner) in polygon.enumerated() {
        let previous = polygon[index == 0 ? polygon.count - 1 : index - 1]
        let (before, here) = (depth(previous), depth(corner))
        if (before < 0) != (here < 0) {
          let share = before / (before - here)
          let crossing = ChartPoint(
            x: previous.x + share * (corner.x - previous.x), y: previous.y + share * (corner.y - previous.y))
          result.append(crossing)
        }
        if here >= 0 { result.append(corner) }
      }
      return result
    }
  }

  /// Returns whether a polygon and the rectangle have a point in common.
  package func meets(polygon corners: [ChartPoint]) -> Bool { clipped(polygon: corners).count > 2 }
}
