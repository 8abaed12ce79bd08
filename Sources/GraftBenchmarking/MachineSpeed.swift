import GraftKernelCalls
import GraftMatrices

/// The measured peak speed of one core of this machine, against which every kernel is judged.
package struct MachineSpeed: Sendable {
  /// Speed of fused multiply-adds from registers, in 10⁹ floating-point operations a second.
  package let peak: Double
  /// Speed of reading, in 10⁹ bytes a second, from blocks that fit the level-1 cache, the level-2 cache, and neither.
  package let level1: Double
  package let level2: Double
  package let memory: Double

  /// Measures for about a second.
  package init(processor: Processor = .current) {
    let team = Team(size: 1, processor: processor)
    peak = MachineSpeed.peak(team, vectorsPerRound: processor == .avx512 ? 12 : 6)
    level1 = MachineSpeed.reading(16 << 10, team)
    level2 = MachineSpeed.reading(384 << 10, team)
    memory = MachineSpeed.reading(128 << 20, team)
  }

  private static func peak(_ team: Team, vectorsPerRound: Int) -> Double {
    let rounds = 100_000
    var result: Float = 0
    var factors = AlignedFloats(zeros: 16)
    for place in 0..<16 { factors[place] = 1e-3 * Float(place + 1) }
    let seconds = best(of: 20) {
      factors.withFloats { factors in
        withUnsafeMutablePointer(to: &result) { result in
          team(.probe(.multiplyAdds(factors: factors, rounds: rounds, result: result)))
        }
      }
    }
    return Double(rounds * vectorsPerRound * 16 * 2) / seconds / 1e9
  }

  private static func reading(_ bytes: Int, _ team: Team) -> Double {
    let floats = AlignedFloats(zeros: bytes / 4)
    let rounds = max(1, (64 << 20) / bytes)
    var result: Float = 0
    let seconds = best(of: bytes > 64 << 20 ? 3 : 10) {
      floats.withFloats { floats in
        withUnsafeMutablePointer(to: &result) { result in
          team(.probe(.reading(floats, count: bytes / 4, rounds: rounds, result: result)))
        }
      }
    }
    return Double(rounds * bytes) / seconds / 1e9
  }

  private static func best(of times: Int, _ body: () -> Void) -> Double {
    (0..<times).map { _ in Benchmark.seconds(of: body) }.min() ?? 0
  }
}
