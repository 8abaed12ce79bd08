import Foundation
import Matrices
import NumericChecks
import Studies
import Testing
import Training

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

  private func pairs(_ x: [Double], _ y: [Double]) -> [(x: Double, y: Double)] { zip(x, y).map { (x: $0, y: $1) } }

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
      let orders = known.groups.reduce(1.0) { product, group in group.x.indices.reduce(product) { $0 * Double($1 + 1) }
      }
      #expect((found.interval() == nil) == (known.tau == nil || orders < 40))
    }
    // Each group in order, the groups against each other.
    let opposite = KendallTau(groups: [pairs([1, 2, 3], [11, 12, 13]), pairs([11, 12, 13], [1, 2, 3])])
    #expect(opposite.value == 1)
    #expect((KendallTau(groups: [pairs([1, 2, 3, 11, 12, 13], [11, 12, 13, 1, 2, 3])]).value ?? 1) < 0)
  }

  @Test("without pairs, or with ties alone, there is none")
  func absent() {
    let none: [[[(x: Double, y: Double)]]] = [
      [], [[]], [pairs([1], [1])], [pairs([1, 1, 1], [1, 2, 3])], [pairs([1, 2], [4, 4]), pairs([3], [1])],
    ]
    for groups in none {
      #expect(KendallTau(groups: groups).value == nil)
      #expect(KendallTau(groups: groups).interval() == nil)
    }
  }

  @Test("the same interval every time, another with another seed; it holds the value, and only that where all agree")
  func repeatable() {
    let settings = (0..<30).map { (place: Int) in (x: Double(place), y: Double(place * 17 % 31 + place)) }
    let tau = KendallTau(groups: [settings])
    let interval = tau.interval()
    #expect(interval == KendallTau(groups: [settings]).interval() && interval != tau.interval(seed: 1))
    #expect(interval?.contains(tau.value ?? .nan) == true)
    let wider = tau.interval(confidence: 0.99)
    #expect((wider?.low ?? 1) < (interval?.low ?? 0) && (wider?.high ?? 0) > (interval?.high ?? 1))
    let order = KendallTau(groups: [pairs([1, 2, 3, 4, 5], [1, 2, 3, 4, 5])])
    #expect(order.value == 1 && order.interval()?.low == 1 && order.interval()?.high == 1)
    // Four agree by chance once in twelve times, two groups of two once in two.
    for few in [[pairs([1, 2, 3, 4], [1, 2, 3, 4])], [pairs([1, 2], [1, 2]), pairs([1, 2], [3, 4])]] {
      #expect(KendallTau(groups: few).value == 1 && KendallTau(groups: few).interval() == nil)
    }
  }

  /// τ = 2/π · asin ρ for normal quantities of correlation ρ (Kruskal, JASA 53, 1958). At 95 % true coverage, fewer than 90 %
  /// of 300 would be four deviations.
  @Test("95 % intervals over 40 settings hold the true value in at least 90 % of 300 draws", arguments: [0, 0.5, 0.8])
  func coverage(correlation: Double) {
    let truth = 2 / Double.pi * asin(correlation)
    var stream = RandomStream(RandomKey(seed: 77, purpose: .share))
    var held = 0
    for draw in 0..<300 {
      let settings = (0..<40).map { _ in
        let (a, b) = (Double(stream.normal()), Double(stream.normal()))
        return (x: a, y: correlation * a + (1 - correlation * correlation).squareRoot() * b)
      }
      let interval = KendallTau(groups: [settings]).interval(resamples: 1_000, seed: UInt64(draw))
      if interval?.contains(truth) == true { held += 1 }
    }
    #expect(held >= 270, "\(held) of 300")
  }
}
