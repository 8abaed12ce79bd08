import Foundation
import Testing

@testable import GraftCharts

@Suite struct NumberTextTests {
  @Test func decimalsAreExact() {
    #expect(NumberText.decimal(3, exponent: -1) == "0.3")
    #expect(NumberText.decimal(-25, exponent: -2) == "−0.25")
    #expect(NumberText.decimal(0, exponent: -2) == "0.00")
    #expect(NumberText.decimal(0, exponent: 4) == "0")
    #expect(NumberText.decimal(25, exponent: 2) == "2500")
    #expect(NumberText.decimal(12, exponent: 5) == "1,200,000")
    #expect(NumberText.decimal(Int.min, exponent: 0, grouped: false, minus: "-") == "\(Int.min)")
  }

  @Test func fixedDecimalsRoundAndNeverShowNegativeZero() {
    #expect(NumberText.fixed(98.5562, decimals: 2) == "98.56")
    #expect(NumberText.fixed(-0.001, decimals: 2) == "0.00")
    #expect(NumberText.fixed(-1.25, decimals: 1) == "−1.3")
    #expect(NumberText.fixed(10_000, decimals: 0) == "10,000")
    #expect(NumberText.fixed(1e20, decimals: 2) == "1.00×10²⁰")
    #expect(NumberText.fixed(.nan, decimals: 2) == "–")
  }

  @Test func significantDigits() {
    #expect(NumberText.significant(0.0292, digits: 3) == "0.0292")
    #expect(NumberText.significant(9.996, digits: 3) == "10.0")
    #expect(NumberText.significant(123_456, digits: 3) == "123,000")
    #expect(NumberText.significant(-2.5e-7, digits: 3) == "−2.50×10⁻⁷")
    #expect(NumberText.significant(1.797e308, digits: 3) == "1.80×10³⁰⁸")
    #expect(NumberText.significant(0, digits: 3) == "0")
  }

  @Test func percentages() {
    #expect(NumberText.percent(0.98563, decimals: 2) == "98.56%")
    #expect(NumberText.percent(nil, decimals: 2) == "–")
  }

  @Test func logarithmsAndPowersAgreeWithTheCLibrary() {
    for step in -300...300 {
      let exponent = Double(step) * 1.017
      let value = Decade.power(exponent)
      #expect(abs(value / pow(10, exponent) - 1) < 1e-12)
      #expect(abs(Decade.logarithm(value) - log10(value)) < 1e-12)
      if abs(step) < 300 { #expect(Decade.exponent(of: Decade.power(step)) == step) }
    }
    #expect(Decade.exponent(of: 999.999) == 2)
    #expect(Decade.logarithm(0) == -.infinity)
    #expect(Decade.power(400) == .infinity)
    #expect(Decade.power(-400) == 0)
  }
}
