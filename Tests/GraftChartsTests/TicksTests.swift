import Testing

@testable import GraftCharts

@Suite struct TicksTests {
  struct Case: Sendable {
    var low: Double
    var high: Double
    var count: Int
    var labels: [String]
  }

  @Test(arguments: [
    Case(low: 0, high: 1, count: 5, labels: ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
    Case(low: 0, high: 0.93, count: 4, labels: ["0.0", "0.2", "0.4", "0.6", "0.8"]),
    Case(low: 0, high: 100, count: 5, labels: ["0", "20", "40", "60", "80", "100"]),
    Case(low: 96.3, high: 98.9, count: 5, labels: ["96.5", "97.0", "97.5", "98.0", "98.5"]),
    Case(low: -1, high: 1, count: 4, labels: ["−1.0", "−0.5", "0.0", "0.5", "1.0"]),
    Case(low: 0, high: 60_000, count: 3, labels: ["0", "20,000", "40,000", "60,000"]),
    Case(low: 0, high: 4e9, count: 4, labels: ["0", "1×10⁹", "2×10⁹", "3×10⁹", "4×10⁹"]),
    Case(low: 0, high: 7.8e-7, count: 3, labels: ["0", "2.5×10⁻⁷", "5.0×10⁻⁷", "7.5×10⁻⁷"]),
    Case(low: 1e9, high: 1e9 + 2, count: 2, labels: ["1.000000000×10⁹", "1.000000001×10⁹", "1.000000002×10⁹"]),
  ])
  func linearLabels(known: Case) {
    #expect(Ticks.linear(from: known.low, to: known.high, count: known.count).labels == known.labels)
  }

  @Test func everyRangeGivesAFewDistinctTicks() {
    for exponent in stride(from: -280, through: 280, by: 7) {
      for (low, high) in [(0.0, 1.0), (-0.3, 0.95), (1, 9.7), (0.012, 0.089), (-7.7, -1.1)] {
        let scale = Decade.power(exponent)
        for count in 2...9 {
          let ticks = Ticks.linear(from: low * scale, to: high * scale, count: count)
          #expect((1...(count * 2 + 1)).contains(ticks.values.count))
          #expect(Set(ticks.labels).count == ticks.values.count)
          #expect(zip(ticks.values, ticks.values.dropFirst()).allSatisfy { $0 < $1 })
          #expect(!ticks.labels.contains { $0.hasPrefix("-") || $0 == "−0" })
        }
      }
    }
  }

  @Test func wholeNumbersGetWholeSteps() {
    #expect(Ticks.linear(from: 0, to: 3, count: 8, whole: true).labels == ["0", "1", "2", "3"])
    #expect(!Ticks.linear(from: 0, to: 10.4, count: 4, whole: true).labels.contains("2.5"))
    #expect(Ticks.linear(from: 0, to: 104, count: 4, whole: true).labels == ["0", "25", "50", "75", "100"])
  }

  @Test func noRangeGivesOneTick() {
    #expect(Ticks.linear(from: 0.5, to: 0.5).labels == ["0.500"])
    #expect(Ticks.linear(from: .nan, to: 1).values.count == 1)
    #expect(Ticks.linear(from: -.infinity, to: .infinity).values == [0])
    #expect(Ticks.linear(from: 5, to: 1, count: 4) == Ticks.linear(from: 1, to: 5, count: 4))
  }

  @Test func fewDecadesGetTwosAndFives() {
    let ticks = Ticks.logarithmic(from: 0.029, to: 0.89)
    #expect(ticks.labels == ["0.05", "0.1", "0.2", "0.5"])
    #expect(ticks.minor.contains(0.03))
    #expect(!ticks.minor.contains(0.05))
  }

  @Test func manyDecadesAreThinned() {
    #expect(Ticks.logarithmic(from: 1, to: 1e4).labels == ["1", "10", "100", "1000", "10,000"])
    let wide = Ticks.logarithmic(from: 1e-12, to: 1e12, count: 6)
    #expect(wide.labels == ["10⁻¹²", "10⁻⁸", "10⁻⁴", "10⁰", "10⁴", "10⁸", "10¹²"])
    #expect(wide.minor.isEmpty)
  }

  @Test func aPartOfADecadeIsLinear() {
    #expect(Ticks.logarithmic(from: 2, to: 4, count: 4).labels == ["2.0", "2.5", "3.0", "3.5", "4.0"])
    #expect(Ticks.logarithmic(from: 0, to: 4).values.isEmpty)
  }
}
