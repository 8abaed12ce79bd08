import GraftMatrices

/// Width, slant and rotation of a whole digit, around the middle of the unit box.
struct Posture: Sendable {
  // The rows of a 2 × 2 matrix: rotation × slant × width.
  private let xx: Float
  private let xy: Float
  private let yx: Float
  private let yy: Float

  init(_ hand: Handwriting, from stream: inout RandomStream) {
    let width = stream.uniform(hand.width.low, hand.width.high)
    let slant = hand.slant.mean + hand.slant.deviation * stream.normal()
    // Sine and cosine by the tangent of half the angle: the C library's differ between machines, a division does not.
    let t = hand.rotation * stream.normal()
    let cosine = (1 - t * t) / (1 + t * t)
    let sine = 2 * t / (1 + t * t)
    xx = cosine * width
    xy = -cosine * slant - sine
    yx = sine * width
    yy = cosine - sine * slant
  }

  func apply(to points: inout [PenPoint]) {
    for index in points.indices {
      let x = points[index].x - 0.5
      let y = points[index].y - 0.5
      points[index].x = xx * x + xy * y
      points[index].y = yx * x + yy * y
    }
  }
}
