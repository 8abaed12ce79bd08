import Foundation

/// The rests of a loop that asks again and again whether something has come: short at first, then milliseconds, so that waiting takes
/// no core from those who compute. Asking 2,000 times a second took 6 % of one.
package struct Pause {
  private var rests = 0
  private let longest: UInt32

  /// - Parameter longest: Seconds of the last and longest rests.
  package init(longest: Double = 0.002) { self.longest = UInt32(longest * 1e6) }

  /// Rests, longer each time.
  package mutating func rest() {
    rests += 1
    if rests < 50 {
      sched_yield()
    } else {
      usleep(rests < 100 ? 100 : longest)
    }
  }
}
