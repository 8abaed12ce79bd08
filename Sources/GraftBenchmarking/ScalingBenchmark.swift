import Foundation
import GraftData
import GraftMatrices
import GraftNetworks
import GraftTraining

/// A benchmark of how the cost of an epoch grows with the number of images: the study's network on synthetic digits.
package struct ScalingBenchmark: Sendable {
  package struct Row: Sendable {
    package let images: Int
    /// Seconds for one image in one epoch, one figure per round.
    package internal(set) var secondsPerImage: [Double] = []
    package var median: Double { Benchmark.median(of: secondsPerImage) }
  }

  package static let sizes = [1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000]

  /// Times all sizes. They take turns within a round; a small size runs as many epochs as make 10,000 images.
  ///
  /// - Parameter progress: Called with a size and a round, 0 while the digits are drawn.
  package static func run(
    sizes: [Int], rounds: Int, threads: Int, progress: (Int, Int) -> Void = { _, _ in }
  ) throws -> [Row] {
    let largest = sizes.max() ?? 0
    progress(largest, 0)
    let drawn = DatasetPair.syntheticDigits(
      train: largest, test: 0, threads: threads)
    let outputs = ClassOutputs(.original, choosing: Array(0..<10), of: drawn.train.classNames)
    let all = try Examples(drawn.train, outputs: outputs, normalization: .unit)
    let model = Model(.study, inputShape: drawn.train.shape, classCount: 10, seed: 0)
    let settings = Recipe.study.settings(seed: 0)
    var sessions = sizes.map { TrainingSession(model, on: all.prefix($0), settings, threads: threads) }
    var rows = sizes.map { Row(images: $0) }
    for round in 0...max(rounds, 1) {
      for index in sizes.indices {
        progress(sizes[index], round + 1)
        let epochs = max(1, 10_000 / sizes[index])
        let seconds = try Benchmark.seconds { for _ in 0..<epochs { _ = try sessions[index].runEpoch() } }
        // The first round warms up.
        if round > 0 { rows[index].secondsPerImage.append(seconds / Double(epochs * sizes[index])) }
      }
    }
    return rows
  }

  /// The most memory that this process has had so far, in bytes.
  package static var peakMemory: Int {
    var usage = rusage()
    #if canImport(Darwin)
      getrusage(RUSAGE_SELF, &usage)
      return usage.ru_maxrss
    #else
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
      return usage.ru_maxrss * 1024
    #endif
  }
}
