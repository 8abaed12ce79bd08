import GraftMatrices

/// A map from output to input coordinates of a changed image, in fixed point.
///
/// Integers make a shift by whole pixels and a quarter turn exact, and no rounding depends on the order of sums.
struct AffineMap: Sendable, Hashable {
  /// Number of bits behind the point.
  static let fraction = 32

  // x of the input is originX + xx · x + xy · y, and its y is originY + yx · x + yy · y.
  let xx: Int
  let xy: Int
  let yx: Int
  let yy: Int
  let originX: Int
  let originY: Int

  /// A map that undoes, around the centre of the image: scaling by a factor, then a slant, then a rotation
  /// counter-clockwise, then a shift to the right and down.
  ///
  /// - Parameters:
  ///   - rotation: In degrees.
  ///   - scale: A factor.
  ///   - shear: The slant in degrees, positive to the right as in italics.
  ///   - shiftX: In pixels, as is `shiftY`.
  init(
    rotation: Double = 0, scale: Double = 1, shear: Double = 0, shiftX: Double = 0, shiftY: Double = 0,
    shape: ImageShape
  ) {
    let turn = Angle(degrees: rotation)
    let slant = Angle(degrees: shear).tangent
    // Rows run downwards. Forward, the matrix is R · K · s with R = [cos, sin; -sin, cos] and K = [1, -slant; 0, 1].
    let xx = (turn.cosine + slant * turn.sine) / scale
    let xy = (slant * turn.cosine - turn.sine) / scale
    let yx = turn.sine / scale
    let yy = turn.cosine / scale
    let centreX = Double(shape.width - 1) / 2
    let centreY = Double(shape.height - 1) / 2
    let (x, y) = (centreX + shiftX, centreY + shiftY)
    self.xx = AffineMap.fixed(xx)
    self.xy = AffineMap.fixed(xy)
    self.yx = AffineMap.fixed(yx)
    self.yy = AffineMap.fixed(yy)
    originX = AffineMap.fixed(centreX - xx * x - xy * y)
    originY = AffineMap.fixed(centreY - yx * x - yy * y)
  }

  /// The map whose output is a window of this one's, enlarged to the whole image and perhaps mirrored.
  ///
  /// The edges of the window become the edges of the image, as in torchvision's `resize`. Mirroring alone is exact.
  func seen(through window: CropWindow, shape: ImageShape) -> AffineMap {
    let across = window.width / Double(shape.width)
    let down = window.height / Double(shape.height)
    // The column x of the image is the column startX + stepX · x of this map's output.
    let stepX = window.isMirrored ? -across : across
    let startX =
      window.left - 0.5 + across * (window.isMirrored ? Double(shape.width) - 0.5 : 0.5)
    let startY = window.top - 0.5 + down * 0.5
    func scaled(_ value: Int, _ factor: Double) -> Int { Int((Double(value) * factor).rounded()) }
    return AffineMap(
      xx: scaled(xx, stepX), xy: scaled(xy, down), yx: scaled(yx, stepX), yy: scaled(yy, down),
      originX: originX + scaled(xx, startX) + scaled(xy, startY),
      originY: originY + scaled(yx, startX) + scaled(yy, startY))
  }

  private init(xx: Int, xy: Int, yx: Int, yy: Int, originX: Int, originY: Int) {
    (self.xx, self.xy, self.yx, self.yy) = (xx, xy, yx, yy)
    (self.originX, self.originY) = (originX, originY)
  }

  private static func fixed(_ value: Double) -> Int { Int((value * 0x1p32).rounded()) }
}
