import Foundation
import GraftKernelCalls
import GraftMatrices
import NumericChecks
import Testing

@Suite struct ElementaryTests {
  @Test("the logarithm is right to one unit in the last place, over all sizes of numbers")
  func logarithm() {
    var worst = (ulps: 0.0, at: Float(0))
    func check(_ x: Float) {
      let error = ulps(naturalLogarithm(x), from: log(Double(x)))
      if !(error <= worst.ulps) { worst = (error, x) }
    }
    var stream = RandomStream(RandomKey(seed: 1, purpose: .bootstrap))
    for exponent in -126...127 {
      let power = Float(sign: .plus, exponent: exponent, significand: 1)
      for x in [power, power.nextUp, power.nextDown, power * 1.5] where x.isNormal { check(x) }
      for _ in 0..<300 { check(power * (1 + stream.uniform())) }
    }
    for step in 1...20_000 { check(1 + Float(step) * 1e-4) }
    for step in 1...2000 {
      check(1 + Float(step) * Float.ulpOfOne)
      check(1 - Float(step) * Float.ulpOfOne / 2)
      check(0.707_106_77 + Float(step - 1000) * Float.ulpOfOne)
    }
    check(.greatestFiniteMagnitude)
    check(.leastNormalMagnitude)
    #expect(worst.ulps <= 1, "at \(worst.at)")
  }

  @Test("the logarithm's edges")
  func logarithmEdges() {
    #expect(naturalLogarithm(1) == 0)
    #expect(naturalLogarithm(0) == -.infinity)
    #expect(naturalLogarithm(-0.0) == -.infinity)
    #expect(naturalLogarithm(.infinity) == .infinity)
    #expect(naturalLogarithm(-1).isNaN)
    #expect(naturalLogarithm(-.infinity).isNaN)
    #expect(naturalLogarithm(.nan).isNaN)
  }

  /// Below -17.4 an exponential is too small to change a sum that begins with 1, so that softmax gives it undivided.
  @Test("the exponential is right to 1.5 units in the last place")
  func exponential() {
    var worst = (ulps: 0.0, at: Float(0))
    for batch in stride(from: Float(-87.3), to: -17.4, by: 0.01) {
      let logits = (1..<16).map { batch + Float($0) * 0.000_61 }
      for x in logits where x < -17.4 {
        let error = ulps(exponentialByItself(x), from: exp(Double(x)))
        if !(error <= worst.ulps) { worst = (error, x) }
      }
    }
    #expect(worst.ulps > 0 && worst.ulps <= 1.5, "at \(worst.at)")
  }

  private func exponentialByItself(_ x: Float) -> Float { Matrix([[0, x]]).softmax(row: 0)[1] }

  /// One and a half units of the exponential, half of the sum, half of the quotient, and a unit for where they meet a power
  /// of two.
  @Test("a probability is right to 3.5 units in the last place")
  func probability() {
    for step in 0...8700 {
      let x = Float(step) * -0.002
      let exact = exp(Double(x)) / (1 + exp(Double(x)))
      let error = ulps(exponentialByItself(x), from: exact)
      #expect(error <= 3.5, "at \(x)")
    }
  }

  @Test("the exponential's edges")
  func exponentialEdges() {
    #expect(Matrix([[0]]).softmax(row: 0) == [1])
    #expect(exponentialByItself(0) == 0.5)
    #expect(exponentialByItself(-200) == 0)
    #expect(exponentialByItself(-87.4) == 0)
    #expect(exponentialByItself(-87.2) > 0)
    #expect(exponentialByItself(-3e38) == 0)
    #expect(exponentialByItself(-.infinity) == 0)
    #expect(exponentialByItself(.nan).isNaN)
  }
}
