import GraftMatrices

/// Accidents of people who write. Without them the digits would be too easy to tell apart.
extension PenPath {
  /// Lifts the pen for a moment: three to seven pieces in a row are missing.
  mutating func lift(from stream: inout RandomStream) {
    let length = 3 + stream.integer(below: 5)
    guard points.count > 2 * length else { return }
    let start = 1 + stream.integer(below: points.count - length)
    for index in start..<min(start + length, points.count) { points[index].writes = false }
  }

  /// Adds a hook: the pen comes in or leaves sideways, as a straight piece at the beginning or at the end.
  mutating func hook(from stream: inout RandomStream) {
    guard let first = points.first, let last = points.last else { return }
    addPiece(at: stream.integer(below: 2) == 0 ? first : last, reaching: 0.28, from: &stream)
  }

  /// Adds a short piece that belongs to nothing.
  mutating func stray(from stream: inout RandomStream) {
    let start = PenPoint(
      x: stream.uniform(0, 1), y: stream.uniform(0, 1), pressure: stream.uniform(0.5, 1), writes: false)
    addPiece(at: start, reaching: 0.25, from: &stream)
  }

  private mutating func addPiece(at start: PenPoint, reaching length: Float, from stream: inout RandomStream) {
    var point = start
    point.writes = false
    points.append(point)
    point.x += stream.uniform(-length, length)
    point.y += stream.uniform(-length, length)
    point.writes = true
    points.append(point)
  }
}
