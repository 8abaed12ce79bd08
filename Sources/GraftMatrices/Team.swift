import CGraftProcessor
import Foundation
import GraftKernelCalls
import Synchronization

/// Some threads that do each ``KernelCall`` together.
///
/// The caller is one of them. Between two calls the others watch for the next one for some tens of microseconds, longer than
/// between two kernels of a step, and then go to sleep; a team that has nothing to do takes no core. A member takes the
/// same part of a call every time, so that the weights of its panels stay in its own cache; only where it has not begun when
/// the caller is through with its own part (the system has put it aside) does the caller take that too. The bits do not
/// depend on the size.
///
/// One call runs at a time. Whoever finds the team busy does its call alone.
package final class Team: Sendable {
  package let size: Int
  private let smallestPart: Int
  private let board: Board?
  private let perform: KernelCall.Performer

  /// The caller alone.
  package static let alone = Team(size: 1)

  /// More members than this wait for each other longer than they compute.
  package static let largestSize = 16

  /// - Parameter smallestPart: Multiply-adds that are worth a member: two microseconds of them, against half a one of waking
  ///   and waiting. Tests ask for less.
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

  /// Does the whole call, with as many members as there is work for.
  package func callAsFunction(_ call: KernelCall) {
    guard let board else { return perform(call, 0, 1) }
    let parts = min(size, call.work / smallestPart)
    if parts < 2 || !board.run(call, parts) { perform(call, 0, 1) }
  }

  /// What the members share. They hold it, not the team, so that the team can end.
  private final class Board: @unchecked Sendable {
    private let size: Int
    private let perform: KernelCall.Performer
    /// Counts the calls; a change is the sign to start.
    private let round = Atomic<UInt32>(0)
    /// Parts of the call that are not done.
    private let pending = Atomic<Int>(0)
    /// For each part the last round in which somebody took it, a cache line apart.
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

    /// False when the team is busy with another call.
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
        // A member that the system has put aside comes back no sooner for being watched.
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

    /// Whether `part` of this round is the asker's. Every part of every round is taken once (those that a small call has not
    /// are marked so before it begins), so a member that comes too late finds its part taken and leaves the call, which may be
    /// the next one by then, alone.
    private func take(_ part: Int, in round: UInt32) -> Bool {
      taken[part * Board.line].compareExchange(
        expected: round &- 1, desired: round, ordering: .acquiringAndReleasing
      ).exchanged
    }

    private func finish(_ part: Int) {
      perform(call.pointee, part, parts.pointee)
      pending.wrappingSubtract(1, ordering: .releasing)
    }

    /// Two thousand pauses are some tens of microseconds.
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
