/// A task to time: a kernel, an epoch of a recipe, a prediction.
package struct BenchmarkTask: Sendable {
  /// The name on the command line and in records: `network-epoch`.
  package let name: String
  package let summary: String
  /// The work of one unit, for rates.
  package let work: Work
  /// Returns the seconds of one unit, averaged over several units if one is short.
  let measure: @Sendable () throws -> Double

  package struct Work: Sendable {
    /// Floating-point operations as if no number were zero; a multiply-add counts as two.
    package var denseOperations = 0.0
    /// Floating-point operations actually done: products with zero pixels are left out.
    package var operations = 0.0
    /// Number of images that pass through.
    package var images = 0
  }
}

/// The seconds that a task took, round by round.
package struct BenchmarkTimes: Sendable {
  package let task: BenchmarkTask
  package let threads: Int
  package internal(set) var seconds: [Double] = []

  package var median: Double { Benchmark.median(of: seconds) }
}

package enum Benchmark {
  /// Runs each task once to warm up and then `rounds` times, one after the other within a round, so that a drifting
  /// clock affects all tasks alike.
  package static func run(
    _ tasks: [BenchmarkTask], rounds: Int, threads: Int, progress: (String, Int) -> Void = { _, _ in }
  ) throws -> [BenchmarkTimes] {
    var times = tasks.map { BenchmarkTimes(task: $0, threads: threads) }
    for task in tasks {
      progress(task.name, 0)
      _ = try task.measure()
    }
    for round in 1...max(rounds, 1) {
      for index in times.indices {
        progress(times[index].task.name, round)
        times[index].seconds.append(try times[index].task.measure())
      }
    }
    return times
  }

  static func median(of values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    if sorted.isEmpty { return 0 }
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }

  /// Measures the seconds of one call.
  static func seconds(of body: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    try body()
    return (clock.now - start) / .seconds(1)
  }

  /// Measures the seconds of one call of a short function: as many calls as take at least 20 ms, divided.
  static func secondsOfShort(_ body: () -> Void) -> Double {
    var count = 1
    while true {
      let total = seconds { for _ in 0..<count { body() } }
      if total >= 0.02 || count >= 1 << 24 { return total / Double(count) }
      count = total < 1e-4 ? count * 16 : Int(Double(count) * 0.025 / total) + 1
    }
  }
}
