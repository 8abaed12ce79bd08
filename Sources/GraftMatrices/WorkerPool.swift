import Foundation
import Synchronization

/// A pool that runs independent jobs side by side, one core each.
///
/// A job may name jobs that must end first. The thread and the time of a job change nothing in its result: a job reads only its
/// own inputs and the results of the jobs it names.
package struct WorkerPool: Sendable {
  package struct Job: Sendable {
    let prerequisites: [Int]
    let body: @Sendable () throws -> Void

    /// A job that runs `body` after its prerequisites.
    ///
    /// - Parameter prerequisites: Indices of jobs earlier in the list.
    package init(after prerequisites: [Int] = [], body: @escaping @Sendable () throws -> Void) {
      self.prerequisites = prerequisites
      self.body = body
    }
  }

  package let threads: Int

  package init(threads: Int) { self.threads = max(1, threads) }

  /// Runs all jobs, each as early as the list's order and the prerequisites allow. After a job throws, no other is started; once
  /// the running ones have ended, the error of the earliest throwing job in the list is thrown.
  package func run(_ jobs: [Job]) throws {
    let board = Board(jobs)
    if threads == 1 || jobs.count < 2 {
      board.work()
    } else {
      let ended = DispatchGroup()
      for _ in 0..<min(threads, jobs.count) {
        ended.enter()
        let thread = Thread {
          board.work()
          ended.leave()
        }
        thread.stackSize = 8 << 20
        thread.start()
      }
      ended.wait()
    }
    if let error = board.earliestError { throw error }
  }

  private final class Board: Sendable {
    private enum Status { case waiting, running, done }
    private struct State {
      var statuses: [Status]
      var errors: [(Int, any Error)] = []
    }

    private let jobs: [Job]
    private let state: Mutex<State>
    private let changed = NSCondition()

    init(_ jobs: [Job]) {
      self.jobs = jobs
      state = Mutex(State(statuses: Array(repeating: .waiting, count: jobs.count)))
    }

    var earliestError: (any Error)? { state.withLock { $0.errors.min { $0.0 < $1.0 }?.1 } }

    func work() {
      while let job = takeNext() {
        do {
          try jobs[job].body()
          finish(job, nil)
        } catch {
          finish(job, error)
        }
      }
    }

    /// The first job whose prerequisites are done. Waits if every open job still needs one that runs; nil if none is left or one
    /// has failed.
    private func takeNext() -> Int? {
      changed.lock()
      defer { changed.unlock() }
      while true {
        let (next, mayCome) = state.withLock { state -> (Int?, Bool) in
          guard state.errors.isEmpty else { return (nil, false) }
          let next = jobs.indices.first { job in
            state.statuses[job] == .waiting && jobs[job].prerequisites.allSatisfy { state.statuses[$0] == .done }
          }
          if let next { state.statuses[next] = .running }
          return (next, state.statuses.contains(.running) && state.statuses.contains(.waiting))
        }
        if let next { return next }
        guard mayCome else { return nil }
        changed.wait()
      }
    }

    private func finish(_ job: Int, _ error: (any Error)?) {
      state.withLock { state in
        state.statuses[job] = .done
        if let error { state.errors.append((job, error)) }
      }
      changed.lock()
      changed.broadcast()
      changed.unlock()
    }
  }
}
