import Foundation
import GraftMatrices
import GraftTraining
import NumericChecks
import Testing

@Suite("Limited-memory BFGS")
struct LBFGSTests {
  /// Σ 100 (x₂ᵢ₊₁ - x₂ᵢ²)² + (1 - x₂ᵢ)² (Rosenbrock, The Computer Journal 3, 1960): a bent valley that ends at (1, 1, …).
  private func rosenbrock(_ x: [Double], _ gradient: inout [Double]) -> Double {
    stride(from: 0, to: x.count, by: 2).reduce(0) { sum, index in
      let (valley, rest) = (x[index + 1] - x[index] * x[index], 1 - x[index])
      gradient[index] = -400 * valley * x[index] - 2 * rest
      gradient[index + 1] = 200 * valley
      return sum + 100 * valley * valley + rest * rest
    }
  }

  @Test("follows Rosenbrock's valley to its end", arguments: [2, 10, 100], [3, 10])
  func valley(count: Int, memory: Int) {
    let start = (0..<count).map { $0.isMultiple(of: 2) ? -1.2 : 1.0 }
    var values: [Double] = []
    let (last, ending) = LBFGS(memory: memory, tolerance: 1e-9).minimize(from: start, rosenbrock) {
      values.append($0.value)
    }
    #expect(ending == .converged && last.largestGradient <= 1e-9)
    #expect(mismatch(last.point, [Double](repeating: 1, count: count), within: 1e-8) == nil)
    #expect(last.iteration < 60 && last.evaluations < 80)
    #expect(values.count == last.iteration + 1 && zip(values, values.dropFirst()).allSatisfy { $0 > $1 })
  }

  /// SciPy's L-BFGS-B needs 936 steps for it.
  @Test("solves a quadratic whose curvatures span four powers of ten")
  func quadratic() {
    let curvatures = (0..<40).map { pow(10, Double($0) * 4 / 39) }
    let (last, ending) = LBFGS(iterations: 2000, tolerance: 1e-8).minimize(from: [Double](repeating: 1, count: 40)) {
      x, gradient in
      gradient = zip(curvatures, x).map { $0 * ($1 - 3) }
      return zip(curvatures, x).reduce(0) { $0 + $1.0 * ($1.1 - 3) * ($1.1 - 3) / 2 }
    }
    #expect(ending == .converged && last.iteration < 1500)
    #expect(mismatch(last.point, [Double](repeating: 3, count: 40), within: 1e-8) == nil)
  }

  /// y = ±1 by the sign of a noisy sum; log(1 + exp(-y x·w)) + 0.01 |w|² / 2. The gradient is zero at the minimum only.
  @Test("solves logistic regression, and the same bits come again")
  func logistic() {
    let inputs = randomMatrix(50, 6, seed: 1).map { $0.map(Double.init) }
    let signs = inputs.map { $0[0] + $0[1] - 0.4 * $0[5] * $0[3] > 0.1 ? 1.0 : -1.0 }
    func function(_ w: [Double], _ gradient: inout [Double]) -> Double {
      gradient = w.map { 0.01 * $0 }
      var value = 0.005 * w.reduce(0) { $0 + $1 * $1 }
      for (x, sign) in zip(inputs, signs) {
        let margin = sign * zip(x, w).reduce(0) { $0 + $1.0 * $1.1 }
        value += log1p(exp(-margin)) / 50
        for index in w.indices { gradient[index] -= sign * x[index] / (1 + exp(margin)) / 50 }
      }
      return value
    }
    let start = [Double](repeating: 0, count: 6)
    let (last, ending) = LBFGS(tolerance: 1e-10).minimize(from: start, function)
    #expect(ending == .converged)
    let numeric = numericGradient(at: last.point) { point in
      var gradient = start
      return function(point, &gradient)
    }
    #expect(mismatch(numeric, start, within: 1e-8) == nil)
    #expect(LBFGS(tolerance: 1e-10).minimize(from: start, function).last.point == last.point)
  }

  @Test("walls of infinite and of no numbers around the way are stepped back from", arguments: [Double.infinity, .nan])
  func walls(wall: Double) {
    // -log x + x beyond the wall at zero, from where the first step leads behind it.
    let (last, ending) = LBFGS(tolerance: 1e-9).minimize(from: [50, 1e-3]) { x, gradient in
      gradient = x.map { $0 > 0 ? 1 - 1 / $0 : wall }
      return x.reduce(0) { $1 > 0 ? $0 + $1 - log($1) : wall }
    }
    #expect(ending == .converged)
    #expect(mismatch(last.point, [1, 1], within: 1e-8) == nil)
  }

  @Test("overflow on the way is stepped back from")
  func overflow() {
    let (last, ending) = LBFGS(tolerance: 1e-8).minimize(from: [40]) { x, gradient in
      gradient = [exp(x[0] * x[0]) * 2 * x[0]]
      return exp(x[0] * x[0])
    }
    // 40² overflows at once; a start that is not finite has no way down.
    #expect(ending == .notFinite && last.iteration == 0 && last.evaluations == 1)
    let (near, found) = LBFGS(tolerance: 1e-8).minimize(from: [3, -2]) { x, gradient in
      gradient = x.map { exp($0 * $0) * 2 * $0 }
      return x.reduce(0) { $0 + exp($1 * $1) }
    }
    #expect(found == .converged)
    #expect(mismatch(near.point, [0, 0], within: 1e-8) == nil)
  }

  @Test("a function without a minimum ends at the limit of steps, one at its minimum at once")
  func ends() {
    let (far, ending) = LBFGS(iterations: 5).minimize(from: [0]) { x, gradient in
      gradient = [-1]
      return -x[0]
    }
    #expect(ending == .iterationLimit && far.iteration == 5 && far.point[0] > 1)
    let (still, found) = LBFGS().minimize(from: [0, 0], rosenbrockAtOne)
    #expect(found == .converged && still.iteration == 0 && still.evaluations == 1)
  }

  private func rosenbrockAtOne(_ x: [Double], _ gradient: inout [Double]) -> Double {
    rosenbrock(x.map { $0 + 1 }, &gradient)
  }

  @Test("values and gradients rounded to Float end at what Float can say, not at the limit of steps")
  func rounding() {
    let start = (0..<10).map { $0.isMultiple(of: 2) ? -1.2 : 1.0 }
    let (last, ending) = LBFGS(tolerance: 0, noise: 1e-7).minimize(from: start) { x, gradient in
      let value = 1 + rosenbrock(x, &gradient)
      gradient = gradient.map { Double(Float($0 + 0.3)) - 0.3 }
      return Double(Float(value))
    }
    #expect(ending == .precisionLimit)
    #expect(mismatch(last.point, [Double](repeating: 1, count: 10), within: 1e-4) == nil)
  }

  @Test("an error of the report ends the search")
  func reportThrows() {
    struct Enough: Error {}
    var reports = 0
    #expect(throws: Enough.self) {
      _ = try LBFGS().minimize(from: [-1.2, 1], rosenbrock) { _ in
        reports += 1
        if reports == 3 { throw Enough() }
      }
    }
    #expect(reports == 3)
  }
}
