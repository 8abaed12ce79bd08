import GraftFiles
import Testing

@Suite struct NumberWordsTests {
  @Test(
    "a percentage has two decimals, rounded half away from zero, and no minus before zero",
    arguments: [
      (0, "0.00"), (-0.0, "0.00"), (-0.004, "0.00"), (-0.006, "-0.01"), (0.005, "0.01"), (98.06, "98.06"),
      (97.3, "97.30"), (100, "100.00"), (999.995, "1000.00"), (-1.5, "-1.50"), (0.1 + 0.2, "0.30"), (9.999, "10.00"),
      (1e20, "1e+20"), (-1e20, "-1e+20"), (.nan, "nan"), (.infinity, "inf"), (-.infinity, "-inf"),
    ] as [(Double, String)])
  func percentages(value: Double, text: String) { #expect(percent(value) == text) }

  @Test(
    "as many decimals as asked for",
    arguments: [(1.5, 0, "2"), (-0.4, 0, "0"), (0.04996, 3, "0.050"), (2, 1, "2.0"), (1234.5678, 3, "1234.568")])
  func places(value: Double, places: Int, text: String) { #expect(decimals(value, places) == text) }

  @Test(
    "whole numbers are grouped in thousands",
    arguments: [
      (0, "0"), (7, "7"), (999, "999"), (1000, "1,000"), (29_492, "29,492"), (100_000, "100,000"),
      (1_234_567, "1,234,567"), (-5, "-5"), (-1000, "-1,000"), (1_000_000_001, "1,000,000,001"),
    ])
  func groups(value: Int, text: String) { #expect(grouped(value) == text) }
}
