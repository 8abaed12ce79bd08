import GraftMatrices

/// The elastic distortion of one image: a smooth random displacement for each pixel.
///
/// Simard, Steinkraus and Platt (ICDAR 2003, §2) draw a uniform number for each pixel and smooth them by a Gaussian of
/// σ. Here the numbers sit on a grid whose cells are √3·σ wide and a cubic B-spline smooths them, which has the
/// Gaussian's standard deviation and nearly its form. That takes 8 × 8 numbers for MNIST instead of 784, and four
/// products in each direction instead of some twenty.
struct SmoothField: Sendable {
  /// Number of bits behind the point: displacements are in 65,536ths of a pixel.
  static let fraction = 16

  private let across: Spline
  private let down: Spline
  private let size: Float
  /// Displacements at the knots, row by row: first along x, then along y.
  private var knots: [Float]
  /// Displacements between the knots of a row, at each column of the image.
  private var rows: [Float]
  /// Displacements of the row last computed: along x, then along y.
  private(set) var line: [Int32]

  /// - Parameters:
  ///   - size: The longest displacement along either axis, in pixels, less than 64.
  ///   - sigma: The standard deviation of the Gaussian, in pixels.
  init(size: Double, sigma: Double, shape: ImageShape) {
    across = Spline(pixels: shape.width, sigma: sigma)
    down = Spline(pixels: shape.height, sigma: sigma)
    self.size = Float(size)
    knots = Array(repeating: 0, count: 2 * down.knots * across.knots)
    rows = Array(repeating: 0, count: 2 * down.knots * shape.width)
    line = Array(repeating: 0, count: 2 * shape.width)
  }

  /// Draws another field.
  mutating func redraw(from stream: inout RandomStream) {
    let scale = size * 0x1p-15
    let half = knots.count / 2
    for knot in 0..<half {
      // Sixteen bits each: a step is less than a five-hundredth of a pixel.
      let word = Int32(bitPattern: stream.nextWord())
      knots[knot] = scale * Float(word >> 16)
      knots[half + knot] = scale * Float(Int16(truncatingIfNeeded: word))
    }
    SmoothField.widen(knots, by: across, into: &rows)
  }

  /// Computes the displacements between the knots of each row.
  private static func widen(_ knots: [Float], by across: Spline, into rows: inout [Float]) {
    let width = across.pixels
    var rows = rows.mutableSpan
    for row in 0..<rows.count / width {
      let from = row &* across.knots
      let to = row &* width
      for column in 0..<width {
        let knot = from &+ across.first[column]
        let weight = 4 &* column
        rows[to &+ column] =
          across.weights[weight] * knots[knot] + across.weights[weight &+ 1] * knots[knot &+ 1]
          + (across.weights[weight &+ 2] * knots[knot &+ 2] + across.weights[weight &+ 3] * knots[knot &+ 3])
      }
    }
  }

  /// Computes the displacements of a row of pixels.
  mutating func findLine(ofRow row: Int) {
    SmoothField.blend(rows, by: down, at: row, into: &line)
  }

  private static func blend(_ rows: [Float], by down: Spline, at row: Int, into line: inout [Int32]) {
    let width = line.count / 2
    let weight = 4 * row
    let (a, b) = (down.weights[weight], down.weights[weight + 1])
    let (c, d) = (down.weights[weight + 2], down.weights[weight + 3])
    let rows = rows.span
    var line = line.mutableSpan
    for axis in 0..<2 {
      let from = (axis &* down.knots &+ down.first[row]) &* width
      let to = axis &* width
      for column in 0..<width {
        let place = from &+ column
        let sum =
          a * rows[place] + b * rows[place &+ width]
          + (c * rows[place &+ 2 &* width] + d * rows[place &+ 3 &* width])
        // The last bit of a number between 128 and 256 is worth 2⁻¹⁶: adding 192 leaves the fixed point in the bits.
        line[to &+ column] = Int32(bitPattern: (sum + 192).bitPattern &- Float(192).bitPattern)
      }
    }
  }

  /// The uniform cubic B-spline along one side of an image, its knots placed evenly around the middle.
  private struct Spline: Sendable {
    let pixels: Int
    let knots: Int
    /// The first of the four knots that reach each pixel, and their weights.
    let first: [Int]
    let weights: [Float]

    init(pixels: Int, sigma: Double) {
      // A cubic B-spline is the sum of four uniform numbers, each a cell wide: its variance is a third of a cell's square.
      let cell = sigma * 3.squareRoot()
      let cells = max(Int((Double(pixels - 1) / cell).rounded(.up)), 1)
      let places = (0..<pixels).map { Double($0) / cell + (Double(cells) - Double(pixels - 1) / cell) / 2 }
      let first = places.map { min(Int($0), cells - 1) }
      self.pixels = pixels
      knots = cells + 3
      self.first = first
      weights = zip(places, first).flatMap { place, first -> [Float] in
        let t = place - Double(first)
        let rest = 1 - t
        let b = (t * t * (3 * t - 6) + 4) / 6
        let c = (rest * rest * (3 * rest - 6) + 4) / 6
        return [rest * rest * rest / 6, b, c, t * t * t / 6].map { Float($0) }
      }
    }
  }
}
