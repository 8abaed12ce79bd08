import Foundation
import GraftMatrices
import GraftStatistics
import GraftTraining
import GraftWorkbench
import NumericChecks
import Testing

@Suite("Kendall's tau")
struct KendallTauTests {
  private struct SciPy: Decodable {
    struct Group: Decodable { let cases: [Case] }
    struct Case: Decodable {
      let x: [Double]
      let y: [Double]
      let tau: Double?
    }
    let kendallTauB: Group
  }
  private struct Grouped: Decodable {
    struct Group: Decodable {
      let x: [Double]
      let y: [Double]
    }
    struct Case: Decodable {
      let groups: [Group]
      let tau: Double?
    }
    let groupedTau: [Case]
  }

  /// Settings of one target, each of another source.
  private func pairs(_ x: [Double], _ y: [Double], target: String = "odd") -> [KendallTau.Setting] {
    zip(x, y).enumerated().map { KendallTau.Setting(source: "\($0)", target: target, x: $1.0, y: $1.1) }
  }

  @Test("it is SciPy's, ties included")
  func scipy() throws {
    let golden = try Golden.load(SciPy.self, from: "statistics").kendallTauB.cases
    #expect(golden.count == 8)
    for known in golden {
      let found = KendallTau(groups: [pairs(known.x, known.y)]).value
      #expect((found == nil) == (known.tau == nil))
      #expect(mismatch([found ?? 0], [known.tau ?? 0], within: 1e-12) == nil)
    }
  }

  @Test("only pairs inside a group count")
  func grouped() throws {
    let golden = try Golden.load(Grouped.self, from: "transferability").groupedTau
    #expect(golden.count == 6)
    for known in golden {
      let found = KendallTau(groups: known.groups.map { pairs($0.x, $0.y) })
      #expect((found.value == nil) == (known.tau == nil))
      #expect(mismatch([found.value ?? 0], [known.tau ?? 0], within: 1e-12) == nil)
      // Sources stand in the same places of every group, so the largest has all of them.
      let orders = (0..<(known.groups.map(\.x.count).max() ?? 0)).reduce(1.0) { $0 * Double($1 + 1) }
      #expect((found.interval() == nil) == (known.tau == nil || orders < 40))
    }
    // Each group in order, the groups against each other.
    let opposite = KendallTau(groups: [pairs([1, 2, 3], [11, 12, 13]), pairs([11, 12, 13], [1, 2, 3])])
    #expect(opposite.value == 1)
    #expect((KendallTau(groups: [pairs([1, 2, 3, 11, 12, 13], [11, 12, 13, 1, 2, 3])]).value ?? 1) < 0)
  }

  @Test("without pairs, or with ties alone, there is none")
  func absent() {
    let none: [[[KendallTau.Setting]]] = [
      [], [[]], [pairs([1], [1])], [pairs([1, 1, 1], [1, 2, 3])], [pairs([1, 2], [4, 4]), pairs([3], [1])],
    ]
    for groups in none {
      #expect(KendallTau(groups: groups).value == nil)
      #expect(KendallTau(groups: groups).interval() == nil)
    }
  }

  @Test("the same interval every time, another with another seed; it holds the value, and only that where all agree")
  func repeatable() {
    let settings = pairs((0..<30).map(Double.init), (0..<30).map { Double($0 * 17 % 31 + $0) })
    let tau = KendallTau(groups: [settings])
    let interval = tau.interval()
    #expect(interval == KendallTau(groups: [settings]).interval() && interval != tau.interval(seed: 1))
    #expect(interval?.contains(tau.value ?? .nan) == true)
    let wider = tau.interval(confidence: 0.99)
    #expect((wider?.low ?? 1) < (interval?.low ?? 0) && (wider?.high ?? 0) > (interval?.high ?? 1))
    let order = KendallTau(groups: [pairs([1, 2, 3, 4, 5], [1, 2, 3, 4, 5])])
    #expect(order.value == 1 && order.interval()?.low == 1 && order.interval()?.high == 1)
  }

  @Test("orders of sources decide whether there are enough of them: no setting of a source with other labels adds one")
  func enoughSources() {
    let four = pairs([1, 2, 3, 4], [1, 2, 3, 4])
    // Four sources agree by chance once in twelve times, however many groups they stand in.
    for groups in [[four], [four, four, four], [four + four]] {
      #expect(KendallTau(groups: groups).interval() == nil)
    }
    #expect(KendallTau(groups: [four, four]).value == 1)
    // Four of one target and three of another once in 72; two and two once in two.
    let others = pairs([1, 2, 3], [1, 2, 3], target: "even")
    #expect(KendallTau(groups: [four, others]).interval()?.low == 1)
    #expect(KendallTau(groups: [four, others]).interval(confidence: 0.99) == nil)
    let two = pairs([1, 2], [1, 2])
    #expect(KendallTau(groups: [two, pairs([1, 2], [1, 2], target: "even")]).interval() == nil)
    // At 1 - 0.05/3 the 120 orders of five are just enough.
    let five = KendallTau(groups: [pairs([1, 2, 3, 4, 5], [1, 2, 3, 4, 5])])
    #expect(five.hasEnoughSources(confidence: 1 - 0.05 / 3) && !five.hasEnoughSources(confidence: 1 - 0.05 / 4))
  }

  @Test("a source is drawn with all its settings: the same group again changes no interval, other sources would")
  func wholeSources() throws {
    let (x, y) = ((0..<12).map(Double.init), (0..<12).map { Double($0 * 7 % 12) + Double($0) / 2 })
    let once = KendallTau(groups: [pairs(x, y)])
    let again = KendallTau(groups: [pairs(x, y), pairs(x, y), pairs(x, y), pairs(x, y)])
    let interval = try #require(once.interval())
    #expect(again.value == once.value && again.interval() == interval)
    let others = KendallTau(groups: ["a", "b", "c", "d"].map { pairs(x, y, target: $0) })
    let narrower = try #require(others.interval())
    #expect(others.value == once.value && narrower.high - narrower.low < 0.6 * (interval.high - interval.low))
  }

  /// τ = 2/π · asin ρ for normal quantities of correlation ρ (Kruskal, JASA 53, 1958). At 95 % true coverage, fewer than 90 %
  /// of 300 would be four deviations.
  @Test("95 % intervals over 40 settings hold the true value in at least 90 % of 300 draws", arguments: [0, 0.5, 0.8])
  func coverage(correlation: Double) {
    let truth = 2 / Double.pi * asin(correlation)
    var stream = RandomStream(RandomKey(seed: 77, purpose: .share))
    var held = 0
    for draw in 0..<300 {
      let settings = (0..<40).map { source in
        let (a, b) = (Double(stream.normal()), Double(stream.normal()))
        return KendallTau.Setting(
          source: "\(source)", target: "odd", x: a,
          y: correlation * a + (1 - correlation * correlation).squareRoot() * b)
      }
      let interval = KendallTau(groups: [settings]).interval(resamples: 1_000, seed: UInt64(draw))
      if interval?.contains(truth) == true { held += 1 }
    }
    #expect(held >= 270, "\(held) of 300")
  }
}
