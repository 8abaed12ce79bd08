import Foundation
import GraftMatrices
import GraftReproduction
import GraftStatistics
import GraftWorkbench
import Testing

@Suite("What a method is worth in labels")
struct LabelWorthTests {
  private let amounts: [Double] = [1, 10, 100]
  private var control: SampleEfficiency { curve(amounts, [[40, 42], [80, 82], [90, 92]]) }

  private func curve(_ labels: [Double], _ values: [[Double]]) -> SampleEfficiency {
    SampleEfficiency(points: zip(labels, values).map { SampleEfficiency.Point(labelsPerClass: $0, values: $1) })
  }

  @Test("a method is worth the labels that its control would need")
  func worth() throws {
    let method = curve(amounts, [[30, 32], [85, 87], [95, 97]])
    let middle = try #require(LabelWorth(of: method, at: 10, control: control))
    #expect(middle.accuracy == 86)
    guard case .labels(let factor) = middle.factor else {
      Issue.record("\(middle.factor)")
      return
    }
    // Half way from 10 to 100 on the log scale.
    #expect(abs(factor - 10.0.squareRoot()) < 1e-9)
    #expect(middle.words == "worth 3.2 times the labels at 10 per class")
    let least = try #require(LabelWorth(of: method, at: 1, control: control))
    #expect(least.needed == .fewerThan(1) && least.words == "worth less than 1.0 times the labels at 1 per class")
    let most = try #require(LabelWorth(of: curve([10], [[95, 97]]), at: 10, control: control))
    #expect(most.needed == .moreThan(100) && most.words == "worth more than 10.0 times the labels at 10 per class")
    #expect(LabelWorth(of: method, at: 5, control: control) == nil)
  }

  @Test("nothing is said at the control's largest amount, nor beyond it")
  func atTheEnd() {
    let method = curve([1, 10, 100, 1_000], [[60, 60], [70, 70], [80, 80], [90, 90]])
    #expect(LabelWorth(of: method, at: 10, control: control) != nil)
    #expect(LabelWorth(of: method, at: 100, control: control) == nil)
    #expect(LabelWorth(of: method, at: 1_000, control: control) == nil)
  }

  @Test("below five seeds there is no interval, from five on there is")
  func fewSeeds() throws {
    for seeds in 1...6 {
      let noise = (0..<seeds).map { Double($0 % 3) }
      let control = curve(amounts, [40, 80, 90].map { mean in noise.map { mean + $0 } })
      let method = curve([10], [noise.enumerated().map { 85 + $1 + Double($0 % 2) }])
      let worth = try #require(LabelWorth(of: method, at: 10, control: control))
      #expect((worth.factorInterval == nil) == (seeds < 5), "\(seeds)")
      #expect(worth.words.contains("95 %") == (seeds >= 5))
    }
  }

  @Test("a method is worth its own labels")
  func itself() throws {
    let control = curve(amounts, [[40, 42, 44, 43, 41], [80, 83, 82, 81, 80], [90, 92, 95, 91, 92]])
    for amount in [1.0, 10] {
      let worth = try #require(LabelWorth(of: control, at: amount, control: control))
      #expect(worth.factor == .labels(1))
      let interval = try #require(worth.factorInterval)
      #expect(amount == 1 ? interval.low == .fewerThan(1) : position(interval.low) <= 0)
      #expect(position(interval.high) >= 0 && position(interval.high) < 0.1)
    }
  }

  @Test("seeds that all agree leave one number, whatever rounding makes of it")
  func parallel() throws {
    let luck = [0.1, 0.7, -0.3, 0.9, 0.2]
    let control = curve(amounts, [40, 80, 90].map { mean in luck.map { mean + $0 } })
    let worth = try #require(LabelWorth(of: curve([10], [luck.map { 85 + $0 }]), at: 10, control: control))
    let interval = try #require(worth.factorInterval)
    #expect(abs(position(interval.low) - 0.5) < 1e-6 && abs(position(interval.high) - 0.5) < 1e-6)
    // Beyond the curve, and certainly so.
    let more = try #require(LabelWorth(of: curve([10], [luck.map { 95 + $0 }]), at: 10, control: control))
    #expect(more.neededInterval == LabelWorth.Ends(low: .moreThan(100), high: .moreThan(100)))
    #expect(more.words.hasSuffix("(95 % more than 10.0)"))
    let fewer = try #require(LabelWorth(of: curve([10], [luck.map { 30 + $0 }]), at: 10, control: control))
    #expect(fewer.neededInterval == LabelWorth.Ends(low: .fewerThan(1), high: .fewerThan(1)))
  }

  @Test("an end is open where the test does not reject at the curve's end")
  func openEnds() throws {
    let control = curve(amounts, [[40, 41, 42, 43, 40], [80, 80, 81, 80, 81], [90, 91, 92, 90, 92]])
    let spread = try #require(LabelWorth(of: curve([10], [[84, 86, 98, 83, 88]]), at: 10, control: control))
    #expect(!spread.factor.isOpen && spread.factorInterval?.low.isOpen == false)
    #expect(spread.factorInterval?.high == .moreThan(10) && spread.words.hasSuffix(" to more than 10.0)"))
    let low = try #require(LabelWorth(of: curve([10], [[20, 46, 50, 60, 50]]), at: 10, control: control))
    #expect(low.factorInterval?.low == .fewerThan(0.1) && low.words.contains("(95 % less than 0.10 to "))
  }

  /// log10 of a factor; open ends are infinitely far away.
  private func position(_ amount: LabelAmount?) -> Double {
    switch amount {
    case .labels(let value): log10(value)
    case .fewerThan: -.infinity
    case .moreThan: .infinity
    case nil: .nan
    }
  }

  /// The paired t-test at 20,000 numbers of labels, on curves pooled and interpolated one by one.
  private func scanned(_ method: [Double], _ control: [[Double]], labels: [Double]) -> (low: Double, high: Double) {
    var pooled = control
    func mean(_ place: Int) -> Double { Sample(pooled[place]).mean }
    // Three amounts: one pair of neighbours, or all.
    func pool(_ places: Range<Int>) {
      for seed in method.indices {
        let value = Sample(places.map { control[$0][seed] }).mean
        for place in places { pooled[place][seed] = value }
      }
    }
    if mean(0) > mean(1) { pool(0..<2) } else if mean(1) > mean(2) { pool(1..<3) }
    if mean(0) > mean(1) + 1e-9 || mean(1) > mean(2) + 1e-9 { pool(0..<3) }
    let critical = StudentT(degreesOfFreedom: Double(method.count - 1)).quantile(0.975)
    var kept: [Double] = []
    for step in 0...20_000 {
      let way = Double(step) / 10_000
      let place = min(Int(way), 1)
      let values = method.indices.map { seed in
        pooled[place][seed] + (way - Double(place)) * (pooled[place + 1][seed] - pooled[place][seed])
      }
      if abs(PairedTest(Sample(method), Sample(values)).t ?? 0) <= critical { kept.append(way) }
    }
    let (low, high) = (kept.first ?? .nan, kept.last ?? .nan)
    return (low == 0 ? -.infinity : low, high == 2 ? .infinity : high)
  }

  @Test("the ends are those of a scan, pooled and open ones and gaps included")
  func scan() throws {
    var (closed, open, dented) = (0, 0, 0)
    for repetition in 0..<120 {
      var noise = SimulatedAnswers.stream(UInt64(repetition), 1)
      // Rising, dented at the end, dented at the start; seeds alike or far apart.
      let means = [[40.0, 80, 90], [40, 86, 84], [82, 80, 90]][repetition % 3]
      let spread = [0.5, 3, 20][repetition / 3 % 3]
      let values = means.map { mean in (0..<6).map { _ in mean + spread * Double(noise.normal()) } }
      let method = (0..<6).map { _ in 84 + spread * Double(noise.normal()) }
      let worth = try #require(LabelWorth(of: curve([1], [method]), at: 1, control: curve(amounts, values)))
      let interval = try #require(worth.factorInterval)
      let expected = scanned(method, values, labels: amounts)
      // A scan that keeps nothing has stepped over it.
      if expected.low.isNaN { continue }
      for (own, scanned) in [(interval.low, expected.low), (interval.high, expected.high)] {
        if scanned.isInfinite || own.isOpen {
          // The method's mean beyond the curve opens an end at which the test rejects.
          #expect(position(own) == scanned || own == worth.needed, "\(repetition): \(own), \(scanned)")
          open += 1
        } else {
          #expect(abs(position(own) - scanned) < 2e-4, "\(repetition): \(own), \(scanned)")
          closed += 1
        }
      }
      if repetition % 3 > 0 { dented += 1 }
    }
    #expect(closed > 60 && open > 40 && dented > 60, "\(closed), \(open), \(dented)")
  }
}
