import GraftMatrices

extension PenPath {
  /// Scales and moves the path to the place that digits have in MNIST.
  ///
  /// The longer side of the box around the ink is 20 pixels, and the centre of mass comes to the centre of the image
  /// (LeCun, Bottou, Bengio and Haffner, Proc. IEEE 86, 1998, §III.A) by whole pixels there, so up to half a pixel off.
  /// Here the mass is the strokes' length times their width, which counts crossings twice. Ink that would reach beyond
  /// the image is moved back in.
  ///
  /// - Parameters:
  ///   - halfWidth: Half the width of the lines in pixels, with their soft edge.
  ///   - size: Pixels along a side of the image.
  mutating func place(halfWidth: Float, inImageOf size: Int, from stream: inout RandomStream) {
    var (across, down) = (Extent(), Extent())
    for index in points.indices.dropFirst() where points[index].writes {
      let (a, b) = (points[index - 1], points[index])
      let (dx, dy) = (b.x - a.x, b.y - a.y)
      let mass = (dx * dx + dy * dy).squareRoot() * (a.pressure + b.pressure)
      across.add(a.x, b.x, mass)
      down.add(a.y, b.y, mass)
    }
    let box = 20 + stream.uniform(-0.5, 0.5)
    let scale = (box - 2 * halfWidth) / max(across.length, down.length, 0.1)
    let shiftX = across.shift(scale, halfWidth, size, stream.uniform(-0.5, 0.5))
    let shiftY = down.shift(scale, halfWidth, size, stream.uniform(-0.5, 0.5))
    for index in points.indices {
      points[index].x = points[index].x * scale + shiftX
      points[index].y = points[index].y * scale + shiftY
    }
  }
}

/// The extent of the ink along one axis.
private struct Extent {
  private var low = Float.greatestFiniteMagnitude
  private var high = -Float.greatestFiniteMagnitude
  private var mass: Float = 0
  private var moment: Float = 0

  var length: Float { high - low }

  mutating func add(_ a: Float, _ b: Float, _ mass: Float) {
    low = min(low, a, b)
    high = max(high, a, b)
    self.mass += mass
    moment += mass * (a + b) * 0.5
  }

  /// The distance to move, after scaling, to bring the centre of mass to the middle pixel and the ink into the image.
  func shift(_ scale: Float, _ halfWidth: Float, _ size: Int, _ deviation: Float) -> Float {
    let wanted = Float(size / 2) + deviation - moment / max(mass, 1e-6) * scale
    return min(max(wanted, halfWidth - low * scale), Float(size - 1) - halfWidth - high * scale)
  }
}
