/// A place that the pen passes.
struct PenPoint: Sendable {
  var x: Float
  var y: Float
  /// Half the width of the line here, as a multiple of the image's own.
  var pressure: Float
  /// Whether the pen wrote on its way here from the point before.
  var writes: Bool
}

/// The path of the pen through all strokes of a digit, as short straight pieces.
struct PenPath: Sendable {
  var points: [PenPoint] = []

  /// Number of straight pieces per span between two control points: about one pixel each.
  private static let pieces = 5

  mutating func removeAll() { points.removeAll(keepingCapacity: true) }

  /// Adds a stroke through `controls`: a Catmull-Rom curve, broken at the points in `corners`.
  ///
  /// It is centripetal, so that unevenly spaced control points give neither loops nor overshoot: Yuksel, Schaefer and
  /// Keyser, "Parameterization and applications of Catmull-Rom curves", Computer-Aided Design 43, 2011.
  mutating func addStroke(through controls: [PenPoint], corners: [Int]) {
    guard var start = controls.first else { return }
    start.writes = false
    points.append(start)
    for end in 1..<max(controls.count, 1) {
      let before = end >= 2 && !corners.contains(end - 1) ? controls[end - 2] : nil
      let after = end + 1 < controls.count && !corners.contains(end) ? controls[end + 1] : nil
      addSpan(before, controls[end - 1], controls[end], after)
    }
  }

  /// Adds the curve from `start` to `end` as a cubic in Hermite's form; a missing neighbour is the end of a curve.
  private mutating func addSpan(_ before: PenPoint?, _ start: PenPoint, _ end: PenPoint, _ after: PenPoint?) {
    let chord = (x: end.x - start.x, y: end.y - start.y)
    let knot = knotInterval(start, end)
    let first = before.map { tangent($0, start, end, knotInterval($0, start), knot, scaledTo: knot) }
    let second = after.map { tangent(start, end, $0, knot, knotInterval(end, $0), scaledTo: knot) }
    // At its end a curve has no curvature of its own: the span becomes a parabola, or a line with both ends free.
    let leaving = first ?? second.map { ((3 * chord.x - $0.x) / 2, (3 * chord.y - $0.y) / 2) } ?? chord
    let arriving = second ?? first.map { ((3 * chord.x - $0.x) / 2, (3 * chord.y - $0.y) / 2) } ?? chord
    for piece in 1...Self.pieces {
      let t = Float(piece) / Float(Self.pieces)
      let rest = 1 - t
      let blend = t * t * (3 - 2 * t)
      let out = t * rest * rest
      let back = -t * t * rest
      points.append(
        PenPoint(
          x: start.x + blend * chord.x + out * leaving.x + back * arriving.x,
          y: start.y + blend * chord.y + out * leaving.y + back * arriving.y,
          pressure: start.pressure + t * (end.pressure - start.pressure), writes: true))
    }
  }

  /// The root of the distance, which makes the curve centripetal.
  private func knotInterval(_ a: PenPoint, _ b: PenPoint) -> Float {
    let (dx, dy) = (b.x - a.x, b.y - a.y)
    return max((dx * dx + dy * dy).squareRoot().squareRoot(), 1e-3)
  }

  /// The derivative at `b` of the parabola through three points that are `first` and `second` apart in the parameter.
  private func tangent(
    _ a: PenPoint, _ b: PenPoint, _ c: PenPoint, _ first: Float, _ second: Float, scaledTo knot: Float
  ) -> (x: Float, y: Float) {
    let both = first + second
    return (
      knot * ((b.x - a.x) / first - (c.x - a.x) / both + (c.x - b.x) / second),
      knot * ((b.y - a.y) / first - (c.y - a.y) / both + (c.y - b.y) / second)
    )
  }
}
