import CGraftProcessor
import Foundation
import GraftKernelCalls
import Synchronization

/// A team of threads that do each `KernelCall` together.
///
/// The caller is one of them. Between two calls the others watch for the next one for some tens of microseconds, longer than
/// between two kernels of a step, and then go to sleep; an idle team takes no core. A member takes the same part of a call every
/// time, so that the weights of its panels stay in its own cache. If it has not begun by the time the caller is through with its
/// own part (the system has descheduled it), the caller takes that part too. The bits do not depend on the size.
///
/// One call runs at a time. A caller that finds the team busy does its call alone.
package final class Team: Sendable {
  package let size: Int
  private let smallestPart: Int
  private let board: Board?
  private let perform: KernelCall.Performer

  /// A team of the caller alone.
  package static let alone = Team(size: 1)

  /// Most members of a team: more wait for each other longer than they compute.
  package static let largestSize = 16

  /// A team of `size` threads, the caller among them.
  ///
  /// - Parameter smallestPart: Multiply-adds that are worth a member: two microseconds of them, against half a microsecond of
  ///   waking and waiting. Tests ask for less.
  package init(size: Int, processor: Processor = .current, smallestPart: Int = 100_000) {
    self.smallestPart = smallestPart
    self.size = min(max(size, 1), Team.largestSize)
    perform = processor.perform
    board = self.size > 1 ? Board(size: self.size, perform: processor.perform) : nil
    guard let board else { return }
    for part in 1..<self.size {
      let thread = Thread { board.work(part) }
      thread.name = "graft kernels \(part)"
      thread.start()
    }
  }

  deinit { board?.dismiss() }

  /// Does the whole call, with as many members as the amount of work is worth.
  package func callAsFunction(_ call: KernelCall) {
    guard let board else { return perform(call, 0, 1) }
    let parts = min(size, call.work / smallestPart)
    if parts < 2 || !board.run(call, parts) { perform(call, 0, 1) }
  }

  /// State that the members share. They keep it, not the team, alive, so that the team can end.
  private final class Board: @unchecked Sendable {
    private let size: Int
    private let perform: KernelCall.Performer
    /// Number of calls so far; a change is the sign to start.
    private let round = Atomic<UInt32>(0)
    /// Parts of the call that are not done.
    private let pending = Atomic<Int>(0)
    /// The last round in which each part was taken, a cache line apart.
    private let taken: UnsafeMutablePointer<Atomic<UInt32>>
    private static let line = 16
    private let sleepers = Atomic<Int>(0)
    private let isBusy = Atomic<Bool>(false)
    private let isDismissed = Atomic<Bool>(false)
    private let awake = NSCondition()
    /// The call and the number of its parts: written before `round` changes, read after a part has been taken.
    private let call: UnsafeMutablePointer<KernelCall>
    private let parts: UnsafeMutablePointer<Int>

    init(size: Int, perform: @escaping KernelCall.Performer) {
      self.size = size
      self.perform = perform
      call = .allocate(capacity: 1)
      parts = .allocate(capacity: 1)
      taken = .allocate(capacity: size * Board.line)
      for place in 0..<size * Board.line { (taken + place).initialize(to: Atomic(0)) }
    }

    deinit {
      call.deallocate()
      parts.deallocate()
      taken.deinitialize(count: size * Board.line)
      taken.deallocate()
    }

    /// Runs a call; returns false if the team is busy with another one.
    func run(_ work: KernelCall, _ count: Int) -> Bool {
      guard isBusy.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged else {
        return false
      }
      call.initialize(to: work)
      parts.initialize(to: count)
      pending.store(count - 1, ordering: .relaxed)
      let now = round.load(ordering: .relaxed) &+ 1
      for part in count..<size { taken[part * Board.line].store(now, ordering: .relaxed) }
      round.store(now, ordering: .sequentiallyConsistent)
      if sleepers.load(ordering: .sequentiallyConsistent) > 0 { wake() }
      perform(work, 0, count)
      for part in 1..<count where take(part, in: now) { finish(part) }
      var tries = 0
      while pending.load(ordering: .acquiring) > 0 {
        processor_pause()
        tries &+= 1
        // A member that the system has descheduled comes back no sooner for being watched.
        if tries & 1023 == 0 { sched_yield() }
      }
      isBusy.store(false, ordering: .releasing)
      return true
    }

    func work(_ part: Int) {
      var seen: UInt32 = 0
      while true {
        seen = waitForRound(after: seen)
        if isDismissed.load(ordering: .acquiring) { return }
        if take(part, in: seen) { finish(part) }
      }
    }

    /// Claims `part` of this round; true if it is the asker's. Every part of every round is taken once (parts that a small call
    /// lacks are marked so before it begins). A member that comes too late therefore finds its part taken and leaves the call,
    /// which may be the next one by then, alone.
    private func take(_ part: Int, in round: UInt32) -> Bool {
      taken[part * Board.line].compareExchange(
        expected: round &- 1, desired: round, ordering: .acquiringAndReleasing
      ).exchanged
    }

    private func finish(_ part: Int) {
      perform(call.pointee, part, parts.pointee)
      pending.wrappingSubtract(1, ordering: .releasing)
    }

    /// Waits for the next round: two thousand pauses (some tens of microseconds), and then asleep.
    private func waitForRound(after seen: UInt32) -> UInt32 {
      for _ in 0..<2000 {
        let now = round.load(ordering: .acquiring)
        if now != seen { return now }
        processor_pause()
      }
      awake.lock()
      defer { awake.unlock() }
      sleepers.wrappingAdd(1, ordering: .sequentiallyConsistent)
      defer { sleepers.wrappingSubtract(1, ordering: .relaxed) }
      while true {
        let now = round.load(ordering: .sequentiallyConsistent)
        if now != seen { return now }
        awake.wait()
      }
    }

    private func wake() {
      awake.lock()
      awake.broadcast()
      awake.unlock()
    }

    func dismiss() {
      isDismissed.store(true, ordering: .releasing)
      round.wrappingAdd(1, ordering: .sequentiallyConsistent)
      wake()
    }
  }
}
