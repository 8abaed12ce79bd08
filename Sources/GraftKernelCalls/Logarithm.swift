/// The natural logarithm of a positive normal number; error below 1 unit in the last place (Cephes `logf`, Moshier, 1992).
/// Zero gives -∞, a negative number or NaN gives NaN, ∞ gives ∞.
package func naturalLogarithm(_ x: Float) -> Float {
  guard x > 0 else { return x == 0 ? -Float.infinity : Float.nan }
  guard x.isFinite else { return x }
  var exponent = Float(x.exponent) + 1
  var mantissa = x.significand * 0.5  // in [0.5, 1)
  if mantissa < 0.707_106_77 {
    exponent -= 1
    mantissa = mantissa + mantissa - 1
  } else {
    mantissa -= 1
  }
  let square = mantissa * mantissa
  var p: Float = 7.037_683_6e-2
  let coefficients: (Float, Float, Float, Float, Float, Float, Float, Float) = (
    -1.151_461_03e-1, 1.167_699_87e-1, -1.242_014_08e-1, 1.424_932_28e-1, -1.666_805_77e-1, 2.000_071_48e-1,
    -2.499_999_39e-1, 3.333_333_12e-1
  )
  p = p * mantissa + coefficients.0
  p = p * mantissa + coefficients.1
  p = p * mantissa + coefficients.2
  p = p * mantissa + coefficients.3
  p = p * mantissa + coefficients.4
  p = p * mantissa + coefficients.5
  p = p * mantissa + coefficients.6
  p = p * mantissa + coefficients.7
  var result = p * mantissa * square
  result += exponent * -2.121_944_4e-4
  result -= 0.5 * square
  return mantissa + result + exponent * 0.693_359_375
}
