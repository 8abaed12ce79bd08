import Foundation
import GraftFiles
import GraftMatrices
import GraftRanks
import Synchronization
import Testing

@Suite("Lists of work that ranks share")
struct RankedWorkTests {
  /// Calls `body` on threads that are ranks, and gives the results of all.
  static func onRanks<Result: Sendable>(
    _ size: Int, _ body: @escaping @Sendable (Int, RankedWork) throws -> Result
  ) throws -> [Result] {
    let results = Mutex<[Int: Swift.Result<Result, any Error>]>([:])
    let isOver = Mutex(false)
    let desks = ThreadCommunicator.ranks(size).map { rank in (rank.rank, RankDesk(rank) { isOver.withLock { $0 } }) }
    let group = DispatchGroup()
    for (rank, desk) in desks {
      group.enter()
      let thread = Thread {
        let result = Swift.Result { try body(rank, RankedWork(desk)) }
        results.withLock { $0[rank] = result }
        // As rank 0 leaves a job: the others are told that nothing is answered any more, if it failed.
        if rank == 0, (try? result.get()) == nil { isOver.withLock { $0 = true } }
        group.leave()
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    group.wait()
    for (_, desk) in desks { desk.end() }
    return try (0..<size).map { rank in try #require(results.withLock { $0[rank] }).get() }
  }

  private static let threads: @Sendable (@escaping @Sendable () throws -> Void) throws -> Void = { work in
    try WorkerPool(threads: 2).run((0..<2).map { _ in WorkerPool.Job { try work() } })
  }

  @Test("each piece is computed once, kept by the first rank, and known to all", arguments: [1, 2, 4])
  func pieces(size: Int) throws {
    let computed = Mutex<[Int]>([])
    let kept = Mutex<[Int]>([])
    let results = try Self.onRanks(size) { rank, work in
      try ["one", "two"].map { name in
        try work.map(
          name, 20,
          keep: { index, piece in
            #expect(rank == 0)
            kept.withLock { $0.append(index) }
            return piece + "!"
          }, run: Self.threads
        ) { index in
          computed.withLock { $0.append(index) }
          usleep(1000)
          return "\(name) \(index)"
        }
      }
    }
    for result in results { #expect(result == ["one", "two"].map { name in (0..<20).map { "\(name) \($0)!" } }) }
    let twice = (0..<20).flatMap { [$0, $0] }
    #expect(computed.withLock { $0.sorted() } == twice && kept.withLock { $0.sorted() } == twice)
  }

  @Test("a list of nothing")
  func empty() throws {
    let results = try Self.onRanks(2) { _, work in
      try work.map("none", 0, keep: { $1 }, run: Self.threads) { "\($0)" }
    }
    #expect(results == [[], []])
  }

  @Test("what the first rank cannot keep ends it, and then the others")
  func notKept() throws {
    #expect(throws: FileFailure.self) {
      try Self.onRanks(3) { _, work in
        try work.map(
          "pieces", 12, keep: { _, _ in throw FileFailure(path: "a", action: .write, errno: ENOSPC) },
          run: Self.threads
        ) { (index: Int) -> Int in index }
      }
    }
  }

  @Test("a rank that plans other things is told")
  func plans() throws {
    #expect(throws: GraftFailure.self) { try Self.onRanks(2) { rank, work in try work.agree(on: "plan \(rank)") } }
    _ = try Self.onRanks(2) { _, work in try work.agree(on: "the plan") }
  }
}
