/// An angle with its sine and cosine, the same bits on every machine: the C library chooses its variant by processor.
struct Angle: Sendable {
  let sine: Double
  let cosine: Double

  /// Takes off quarter turns first, so that they are exact. The Taylor series of the rest, at most π/4, ends before a
  /// term that would be below the last bit.
  init(degrees: Double) {
    let quarters = (degrees / 90).rounded()
    let x = (degrees - 90 * quarters) * (.pi / 180)
    let square = x * x
    var (sine, cosine) = (1.0, 1.0)
    for term in stride(from: 8.0, through: 1, by: -1) {
      sine = 1 - square / (2 * term * (2 * term + 1)) * sine
      cosine = 1 - square / ((2 * term - 1) * 2 * term) * cosine
    }
    sine *= x
    switch Int(quarters) & 3 {
    case 0: (self.sine, self.cosine) = (sine, cosine)
    case 1: (self.sine, self.cosine) = (cosine, -sine)
    case 2: (self.sine, self.cosine) = (-sine, -cosine)
    default: (self.sine, self.cosine) = (-cosine, sine)
    }
  }

  var tangent: Double { sine / cosine }
}
