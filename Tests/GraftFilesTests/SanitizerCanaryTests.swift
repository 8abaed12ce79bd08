import Foundation
import Testing

/// Faults that are made on purpose, so that `Scripts/check-sanitizers` can show that its sanitizers see faults. They are made only if
/// GRAFT_CANARY asks for one.
@Suite("Canaries")
struct SanitizerCanaryTests {
  private static let asked = ProcessInfo.processInfo.environment["GRAFT_CANARY"]

  @Test("two threads that write one place", .enabled(if: SanitizerCanaryTests.asked == "race"))
  func race() {
    let place = UnsafeMutablePointer<Int>.allocate(capacity: 1)
    place.initialize(to: 0)
    nonisolated(unsafe) let shared = place
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      for _ in 0..<300_000 { Self.increment(shared) }
    }
    #expect(place.pointee > 0)
    place.deallocate()
  }

  @inline(never) private static func increment(_ place: UnsafeMutablePointer<Int>) { place.pointee &+= 1 }

  @Test("a read behind the end of memory", .enabled(if: SanitizerCanaryTests.asked == "overflow"))
  func overflow() {
    let place = UnsafeMutablePointer<UInt8>.allocate(capacity: 16)
    place.initialize(repeating: 1, count: 16)
    #expect(Self.read(place, 16) < 256)
    place.deallocate()
  }

  @inline(never) private static func read(_ place: UnsafeMutablePointer<UInt8>, _ index: Int) -> Int {
    Int(place[index])
  }
}
