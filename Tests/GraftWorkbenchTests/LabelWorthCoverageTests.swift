import Foundation
import GraftMatrices
import GraftStatistics
import GraftWorkbench
import Testing

/// Curves like those of MNIST's halves, with seeds that are lucky or unlucky for the method and its control alike.
///
/// A percentile bootstrap over seeds holds the truth in 83 and 89 % of cases with 5 and 10 seeds here.
@Suite("How often the interval of a label worth holds the truth")
struct LabelWorthCoverageTests {
  private static let labels: [Double] = [1, 5, 10, 50, 200, 6_000]
  private static let means: [Double] = [56.7, 77.3, 82.6, 91.4, 94.8, 99.0]
  private static let deviations: [Double] = [6, 4, 2.5, 0.8, 0.5, 0.1]

  struct Setting: Sendable {
    let seeds: Int
    /// The method's labels, by place.
    let place: Int
    /// Points above the control.
    let gain: Double

    var truth: LabelAmount {
      SampleEfficiency(
        points: zip(labels, means).map { SampleEfficiency.Point(labelsPerClass: $0, values: [$1]) }
      ).labels(reaching: means[place] + gain)
    }

    /// How many of `repetitions` intervals hold the truth.
    func held(_ repetitions: Int) -> Int {
      guard case .labels(let truth) = truth else { return 0 }
      return (0..<repetitions).count { repetition in
        var noise = RandomStream(RandomKey(seed: UInt64(repetition), purpose: .share, index: 100 * place + seeds))
        let luck = (0..<seeds).map { _ in Double(noise.normal()) }
        func accuracies(_ place: Int, gain: Double) -> [Double] {
          luck.map { means[place] + gain + deviations[place] * (0.7 * $0 + 0.714 * Double(noise.normal())) }
        }
        let control = SampleEfficiency(
          points: labels.indices.map { .init(labelsPerClass: labels[$0], values: accuracies($0, gain: 0)) })
        let method = SampleEfficiency(
          points: [.init(labelsPerClass: labels[place], values: accuracies(place, gain: gain))])
        guard let interval = LabelWorth(of: method, at: labels[place], control: control)?.neededInterval else {
          return false
        }
        let isAbove = if case .labels(let low) = interval.low { low <= truth } else { interval.low == .fewerThan(1) }
        let isBelow =
          if case .labels(let high) = interval.high { truth <= high } else { interval.high == .moreThan(6_000) }
        return isAbove && isBelow
      }
    }
  }

  @Test(
    "at 95 %, at least 92 of 100, and not all",
    arguments: [(5, 1, 3.0), (10, 1, 3), (5, 3, 2), (10, 3, 2)].map { Setting(seeds: $0, place: $1, gain: $2) })
  func coverage(setting: Setting) {
    let held = setting.held(1_000)
    #expect(held >= 920 && held <= 980, "\(held) of 1,000")
  }

  @Test("where nothing differs, 1.0 is left out in about one case of twenty")
  func equality() {
    for seeds in [5, 10] {
      let held = Setting(seeds: seeds, place: 2, gain: 0).held(1_000)
      #expect(held >= 920 && held <= 980, "\(seeds) seeds: \(held) of 1,000")
    }
  }
}
