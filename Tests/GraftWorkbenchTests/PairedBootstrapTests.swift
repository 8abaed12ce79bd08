import GraftMatrices
import GraftStatistics
import GraftTraining
import GraftWorkbench
import NumericChecks
import Testing

@Suite("The bootstrap over test images")
struct PairedBootstrapTests {
  private struct Golden: Decodable {
    struct Group<Case: Decodable>: Decodable { let cases: [Case] }
    struct Percentiles: Decodable {
      let values: [Double]
      let shares: [Double]
      let quantiles: [Double]
    }
    struct Resampled: Decodable {
      let differences: [Double]
      let resamples: [[Int]]
      let mean: Double
      let means: [Double]
      let low: Double
      let high: Double
    }
    struct Interval: Decodable {
      let name: String
      let values: [Double]
      let counts: [Int]
      let mean: Double
      let error: Double
      let low: Double
      let high: Double

      var differences: [Double] { zip(values, counts).flatMap { Array(repeating: $0, count: $1) } }
    }
    let percentiles: Group<Percentiles>
    let resampledMeans: Group<Resampled>
    let bootstrapIntervals: Group<Interval>
  }
  private let golden: Golden

  init() throws { golden = try NumericChecks.Golden.load(Golden.self, from: "statistics") }

  @Test("quantiles are NumPy's percentiles")
  func quantiles() {
    #expect(golden.percentiles.cases.count == 6)
    for known in golden.percentiles.cases {
      let found = known.shares.compactMap { Sample(known.values).quantile($0) }
      #expect(mismatch(found, known.quantiles, within: 1e-14) == nil)
    }
    #expect(Sample([]).quantile(0.5) == nil && Sample([]).middle(0.95) == nil)
  }

  @Test("the means of given resamples and their middle are NumPy's")
  func givenResamples() {
    #expect(golden.resampledMeans.cases.count == 3)
    for known in golden.resampledMeans.cases {
      let means = PairedBootstrap.means(of: known.differences, in: known.resamples)
      #expect(mismatch(means.values, known.means, within: 1e-12) == nil)
      let middle = means.middle(0.95)
      #expect(mismatch([middle?.low ?? .nan, middle?.high ?? .nan], [known.low, known.high], within: 1e-12) == nil)
      #expect(mismatch([PairedBootstrap(differences: known.differences).mean], [known.mean], within: 1e-12) == nil)
    }
  }

  @Test("the interval is SciPy's up to what chance does to both")
  func scipy() {
    #expect(golden.bootstrapIntervals.cases.count == 3)
    for known in golden.bootstrapIntervals.cases {
      let bootstrap = PairedBootstrap(differences: known.differences)
      #expect(mismatch([bootstrap.mean], [known.mean], within: 1e-12) == nil, "\(known.name)")
      // An end of the interval is uncertain by √(0.025 · 0.975 / resamples) / φ(1.96) errors of the mean, and means
      // come in steps. Five such deviations:
      let step = 1 / Double(bootstrap.images)
      for (resamples, deviations) in [(100_000, 0.06), (2_000, 0.3)] {
        let found = bootstrap.interval(resamples: resamples)
        #expect(abs(found.low - known.low) < deviations * known.error + step, "\(known.name), \(found)")
        #expect(abs(found.high - known.high) < deviations * known.error + step, "\(known.name), \(found)")
      }
    }
  }

  @Test("with many images it is the normal interval: mean ± 1.96 errors")
  func normal() {
    var stream = RandomStream(RandomKey(seed: 11, purpose: .share))
    let differences = (0..<20_000).map { _ in Double(stream.integer(below: 21) - 9) / 10 }
    let bootstrap = PairedBootstrap(differences: differences)
    let sample = Sample(differences)
    let error = (sample.deviation ?? .nan) / Double(sample.count).squareRoot()
    let found = bootstrap.interval(resamples: 40_000)
    #expect(abs(found.low - (sample.mean - 1.96 * error)) < 0.1 * error)
    #expect(abs(found.high - (sample.mean + 1.96 * error)) < 0.1 * error)
    let means = bootstrap.means(resamples: 40_000)
    #expect(abs(means.mean - sample.mean) < 0.03 * error)
    #expect(abs((means.deviation ?? .nan) / error - 1) < 0.02)
  }

  @Test("it is the same interval every time, whatever the order of the images, and another with another seed")
  func repeatable() {
    let differences = (0..<300).map { Double(($0 * $0) % 7 - 3) }
    let interval = PairedBootstrap(differences: differences).interval()
    #expect(PairedBootstrap(differences: differences).interval() == interval)
    #expect(PairedBootstrap(differences: differences.reversed()).interval() == interval)
    #expect(PairedBootstrap(differences: differences).interval(seed: 1) != interval)
    #expect(
      PairedBootstrap(differences: differences).means().values
        == PairedBootstrap(differences: differences).means().values)
  }

  @Test("as many different values as images are drawn as often as each other")
  func distinct() {
    let differences = (0..<64).map { Double($0) }
    let means = PairedBootstrap(differences: differences).means(resamples: 20_000)
    #expect(abs(means.mean - 31.5) < 0.08)
    let expected = ((64.0 * 64 - 1) / 12 / 64).squareRoot()
    #expect(abs((means.deviation ?? 0) / expected - 1) < 0.03)
  }

  @Test("without any difference there is nothing to vary")
  func constant() {
    let bootstrap = PairedBootstrap(differences: [0, 0, 0])
    #expect(bootstrap.images == 3 && bootstrap.interval().low == 0 && bootstrap.interval().high == 0)
    #expect(PairedBootstrap(differences: [-2.5]).interval().high == -2.5)
  }

  @Test(
    "binomial numbers have their distribution",
    arguments: [(1, 1, 3), (7, 1, 2), (12, 5, 7), (40, 1, 50), (70, 37, 64), (200, 199, 200)])
  func binomial(trials: Int, part: Int, whole: Int) {
    let draws = 40_000
    var counts = [Int](repeating: 0, count: trials + 1)
    var stream = RandomStream(RandomKey(seed: 3, purpose: .bootstrap, index: trials))
    for _ in 0..<draws { counts[stream.binomial(trials: trials, part: part, whole: whole)] += 1 }
    let p = Double(part) / Double(whole)
    // The probabilities by adding one trial after the other.
    var expected: [Double] = [1]
    for _ in 0..<trials {
      expected = (0...expected.count).map { k in
        (k < expected.count ? expected[k] * (1 - p) : 0) + (k > 0 ? expected[k - 1] * p : 0)
      }
    }
    for (found, probability) in zip(counts, expected) {
      let mean = probability * Double(draws)
      #expect(abs(Double(found) - mean) < 5 * (mean * (1 - probability)).squareRoot() + 5)
    }
  }

  @Test("a binomial number with probability 0 or 1 needs no chance")
  func certain() {
    var stream = RandomStream(RandomKey(seed: 3, purpose: .bootstrap))
    #expect(stream.binomial(trials: 9, part: 0, whole: 5) == 0)
    #expect(stream.binomial(trials: 9, part: 5, whole: 5) == 9)
    #expect(stream.binomial(trials: 0, part: 2, whole: 5) == 0)
  }
}
