import GraftMatrices

/// A smooth random displacement of the plane around the unit box.
///
/// The elastic distortion of Simard, Steinkraus and Platt, "Best practices for convolutional neural networks applied to
/// visual document analysis", ICDAR 2003, §2: uniform random numbers smoothed by a Gaussian. Here the numbers sit on a
/// grid and a cubic B-spline smooths them, which is close to a Gaussian of 0.19. The pen's path is displaced instead of
/// the pixels, which keeps the lines crisp.
struct ElasticField: Sendable {
  /// Cells along a side of the unit box; a cubic spline over them has three knots more.
  private static let cells = 3
  private static let knots = cells + 3

  /// Displacements at the knots, row by row.
  private var x: [Float] = Array(repeating: 0, count: knots * knots)
  private var y: [Float] = Array(repeating: 0, count: knots * knots)

  /// Draws another field, with displacements up to `amount` at the knots.
  mutating func redraw(_ amount: Float, from stream: inout RandomStream) {
    for knot in x.indices {
      x[knot] = stream.uniform(-amount, amount)
      y[knot] = stream.uniform(-amount, amount)
    }
  }

  /// Displaces `points`. Outside the unit box the field continues with its value at the border.
  func displace(_ points: inout [PenPoint]) {
    for index in points.indices {
      let across = Weights(at: points[index].x)
      let down = Weights(at: points[index].y)
      points[index].x += sum(x, across, down)
      points[index].y += sum(y, across, down)
    }
  }

  private func sum(_ values: [Float], _ across: Weights, _ down: Weights) -> Float {
    var knot = down.first * Self.knots + across.first
    let first = across.sum(values, from: knot)
    knot += Self.knots
    let second = across.sum(values, from: knot)
    knot += Self.knots
    let third = across.sum(values, from: knot)
    knot += Self.knots
    let fourth = across.sum(values, from: knot)
    return down.a * first + down.b * second + down.c * third + down.d * fourth
  }

  /// The weights of the four knots in a row that reach a coordinate: the uniform cubic B-spline.
  private struct Weights {
    let first: Int
    let a, b, c, d: Float

    init(at coordinate: Float) {
      let scaled = min(max(coordinate, 0), 1) * Float(ElasticField.cells)
      first = min(Int(scaled), ElasticField.cells - 1)
      let t = scaled - Float(first)
      let rest = 1 - t
      a = rest * rest * rest / 6
      b = (t * t * (3 * t - 6) + 4) / 6
      c = (rest * rest * (3 * rest - 6) + 4) / 6
      d = t * t * t / 6
    }

    func sum(_ values: [Float], from knot: Int) -> Float {
      a * values[knot] + b * values[knot + 1] + c * values[knot + 2] + d * values[knot + 3]
    }
  }
}
