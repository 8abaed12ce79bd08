// Exponential and square root with the same bits on every processor: the C library picks a variant by the CPU's features.

/// The exponential of each lane; relative error below 1.5 units in the last place.
///
/// Range reduction by Cody and Waite to |r| ≤ ln 2 / 2 and the polynomial of the Cephes library (`expf`, Moshier, 1992).
/// Below -87.3 the result is zero, above 88.3 it is capped; a NaN stays a NaN.
@inline(__always)
func exponential(_ x: SIMD16<Float>) -> SIMD16<Float> {
  let (low, high) = (Vector(repeating: -88), Vector(repeating: 88.3))
  let clamped = x.replacing(with: low, where: x .< low).replacing(with: high, where: x .> high)
  // Adding and subtracting 1.5 × 2²³ rounds to the nearest integer and leaves that integer in the low bits.
  let magic = Vector(repeating: 12_582_912)
  let shifted = magic.addingProduct(clamped, Vector(repeating: 1.442_695_04))
  let count = shifted - magic
  var r = clamped.addingProduct(count, Vector(repeating: -0.693_359_375))
  r = r.addingProduct(count, Vector(repeating: 2.121_944_4e-4))
  var p = Vector(repeating: 1.987_569_15e-4)
  p = Vector(repeating: 1.398_199_95e-3).addingProduct(p, r)
  p = Vector(repeating: 8.333_451_9e-3).addingProduct(p, r)
  p = Vector(repeating: 4.166_579_6e-2).addingProduct(p, r)
  p = Vector(repeating: 1.666_666_55e-1).addingProduct(p, r)
  p = Vector(repeating: 0.5).addingProduct(p, r)
  let value = (r + 1).addingProduct(p, r * r)
  let exponent = unsafeBitCast(shifted, to: SIMD16<UInt32>.self) &<< 23
  let scaled = unsafeBitCast(unsafeBitCast(value, to: SIMD16<UInt32>.self) &+ exponent, to: Vector.self)
  let isTiny = x .< Vector(repeating: -87.3)
  let isNaN = x .!= x
  return scaled.replacing(with: 0, where: isTiny).replacing(with: x, where: isNaN)
}

/// The square root of each lane, within 1 unit in the last place for zero and normal positive numbers. Below 1e-37 it is too
/// small by up to a factor of three (Adam adds a far larger number to it).
///
/// Swift's own `squareRoot()` of a vector is one scalar instruction per lane, three times slower here. This one takes a guess for
/// 1/√x from the bits of x (Lomont, "Fast inverse square root", 2003), two steps of Newton, and one correction of the root itself
/// (Markstein, IBM J. Res. Dev. 34, 1990).
@inline(__always)
func approximateSquareRoot(_ x: SIMD16<Float>) -> SIMD16<Float> {
  let bits = unsafeBitCast(x, to: SIMD16<UInt32>.self)
  var y = unsafeBitCast(SIMD16<UInt32>(repeating: 0x5F37_59DF) &- (bits &>> 1), to: Vector.self)
  let half = x * 0.5
  let threeHalves = Vector(repeating: 1.5)
  y *= threeHalves.addingProduct(-half * y, y)
  y *= threeHalves.addingProduct(-half * y, y)
  let root = x * y
  let rest = x.addingProduct(-root, root)
  return root.addingProduct(rest, y * 0.5)
}
