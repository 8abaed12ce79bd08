import Foundation
import GraftMatrices
import Synchronization
import Testing

@Suite struct WorkerPoolTests {
  private struct Failed: Error, Equatable { let job: Int }

  /// Which jobs began and ended, in the order in which they did.
  private final class Log: Sendable {
    private let entries = Mutex<[String]>([])
    func write(_ entry: String) { entries.withLock { $0.append(entry) } }
    var all: [String] { entries.withLock { $0 } }
    func place(_ entry: String) -> Int? { all.firstIndex(of: entry) }
  }

  @Test("every job runs once, on any number of threads", arguments: [-1, 0, 1, 2, 3, 8])
  func everyJob(threads: Int) throws {
    let log = Log()
    try WorkerPool(threads: threads).run((0..<20).map { job in WorkerPool.Job { log.write("\(job)") } })
    #expect(log.all.count == 20)
    #expect(Set(log.all).count == 20)
    try WorkerPool(threads: threads).run([])
  }

  @Test("one thread takes the jobs in their order")
  func oneThread() throws {
    let log = Log()
    try WorkerPool(threads: 1).run((0..<5).map { job in WorkerPool.Job { log.write("\(job)") } })
    #expect(log.all == ["0", "1", "2", "3", "4"])
  }

  @Test("a job begins after the jobs that it names have ended", arguments: [1, 2, 4])
  func prerequisites(threads: Int) throws {
    let needs = [[], [0], [], [1, 2], [3], [0, 3], [], [4, 5, 6]]
    for _ in 0..<20 {
      let log = Log()
      try WorkerPool(threads: threads).run(
        needs.enumerated().map { job, needed in
          WorkerPool.Job(after: needed) {
            log.write("begin \(job)")
            if job % 3 == 0 { Thread.sleep(forTimeInterval: 0.0005) }
            log.write("end \(job)")
          }
        })
      #expect(log.all.count == 2 * needs.count)
      for (job, needed) in needs.enumerated() {
        let begin = try #require(log.place("begin \(job)"))
        for other in needed { #expect(try #require(log.place("end \(other)")) < begin) }
      }
    }
  }

  @Test("as many jobs run at a time as there are threads, and no more", arguments: [1, 2, 4])
  func concurrency(threads: Int) throws {
    let running = Mutex((now: 0, most: 0))
    let deadline = Date(timeIntervalSinceNow: 5)
    let jobs = (0..<3 * threads).map { _ in
      WorkerPool.Job {
        running.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
        while running.withLock({ $0.most < threads }) && Date() < deadline { Thread.sleep(forTimeInterval: 0.001) }
        running.withLock { $0.now -= 1 }
      }
    }
    try WorkerPool(threads: threads).run(jobs)
    #expect(running.withLock { $0.most } == threads)
  }

  @Test("after an error no job is started, and those that need it never are", arguments: [1, 2])
  func errorStops(threads: Int) {
    let log = Log()
    let jobs = (0..<30).map { job in
      WorkerPool.Job(after: job == 29 ? [4] : []) {
        if job == 4 { throw Failed(job: 4) }
        Thread.sleep(forTimeInterval: 0.001)
        log.write("\(job)")
      }
    }
    #expect(throws: Failed(job: 4)) { try WorkerPool(threads: threads).run(jobs) }
    #expect(!log.all.contains("29") && log.all.count < 4 + 2 * threads)
  }

  @Test("of several errors the one earliest in the list is thrown, not the one earliest in time")
  func earliestError() {
    let laterHasFailed = Mutex(false)
    let deadline = Date(timeIntervalSinceNow: 5)
    let jobs = [
      WorkerPool.Job {},
      WorkerPool.Job {
        while !laterHasFailed.withLock({ $0 }) && Date() < deadline { Thread.sleep(forTimeInterval: 0.001) }
        Thread.sleep(forTimeInterval: 0.02)
        throw Failed(job: 1)
      },
      WorkerPool.Job {
        laterHasFailed.withLock { $0 = true }
        throw Failed(job: 2)
      },
    ]
    #expect(throws: Failed(job: 1)) { try WorkerPool(threads: 2).run(jobs) }
  }

  @Test("parts of an array are each written once, by any number of threads", arguments: [1, 2, 5])
  func parts(threads: Int) {
    for (count, length) in [(0, 4), (1, 4), (4, 4), (9, 4), (9, 100), (64, 1)] {
      var numbers = [Int](repeating: -1, count: count)
      WorkerPool(threads: threads).fill(&numbers, partsOf: length) { start, part in
        for place in 0..<part.count { part[place] += start + place + 1 }
      }
      #expect(numbers == Array(0..<count))
    }
  }
}
