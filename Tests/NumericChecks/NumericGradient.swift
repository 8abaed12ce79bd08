/// The gradient of `function` by central finite differences: (f(x + h) - f(x - h)) / 2h, one coordinate at a time.
///
/// With h = 1e-6 and a smooth function of size 1 in Double the error is about 1e-10.
package func numericGradient(
  at point: [Double], step: Double = 1e-6, of function: ([Double]) throws -> Double
) rethrows -> [Double] {
  var moved = point
  var gradient: [Double] = []
  for index in point.indices {
    moved[index] = point[index] + step
    let above = try function(moved)
    moved[index] = point[index] - step
    let below = try function(moved)
    moved[index] = point[index]
    gradient.append((above - below) / (2 * step))
  }
  return gradient
}
