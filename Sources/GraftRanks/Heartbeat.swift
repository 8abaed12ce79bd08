import Foundation
import Synchronization

/// A sign of life between rank 0 and each other rank, so that both notice within seconds when the other is gone.
///
/// MPI itself notices a process that ends, but not a line that is cut: a rank would wait for ever for a message that cannot come.
package final class Heartbeat: Sendable {
  /// The tag of its messages.
  private static let tag = 1
  /// Seconds between two beats.
  private static let interval = 1.0

  private enum Beat: UInt8 {
    case alive
    /// The rank has finished.
    case leaving
  }

  private struct State {
    /// When each rank that is watched was last heard from, and its machine's name.
    var heard: [Int: (time: ContinuousClock.Instant, host: String)] = [:]
    var left: Set<Int> = []
    /// Whether this rank has said goodbye: the last that it says.
    var isLeaving = false
    var isEnded = false
  }

  private let communicator: any Communicator
  private let limit: Double
  private let onLoss: @Sendable (_ rank: Int, _ host: String) -> Void
  private let state = Mutex(State())
  private let ended = DispatchGroup()

  /// Begins to beat.
  ///
  /// - Parameters:
  ///   - limit: Seconds of silence after which a rank counts as lost.
  ///   - onLoss: Called once for each lost rank, by the heartbeat's thread. The host's name is empty if the rank was never heard from.
  package init(
    _ communicator: any Communicator, limit: Double = 10,
    onLoss: @escaping @Sendable (_ rank: Int, _ host: String) -> Void
  ) {
    self.communicator = communicator
    self.limit = limit
    self.onLoss = onLoss
    let now = ContinuousClock().now
    state.withLock { for rank in peers { $0.heard[rank] = (now, "") } }
    ended.enter()
    let thread = Thread {
      self.beat()
      self.ended.leave()
    }
    thread.start()
  }

  private var peers: [Int] { communicator.rank == 0 ? Array(1..<communicator.size) : [0] }

  /// Whether a rank has said that it has finished.
  package func hasLeft(_ rank: Int) -> Bool { state.withLock { $0.left.contains(rank) } }

  /// The name of a rank's machine; nil if it was never heard from.
  package func host(of rank: Int) -> String? {
    state.withLock { $0.heard[rank].flatMap { $0.host.isEmpty ? nil : $0.host } }
  }

  /// Says goodbye and stops. A rank other than 0 first waits until rank 0 says goodbye too: as long as it is watched, a cut line is noticed.
  ///
  /// - Parameter waits: Whether rank 0 waits for all others too.
  package func leave(waits: Bool = false) {
    // Told even to those who have left: each waits for the other's goodbye.
    state.withLock { $0.isLeaving = true }
    tell(.leaving)
    var pause = Pause()
    while communicator.rank > 0 || waits, !peers.allSatisfy(hasLeft) { pause.rest() }
    state.withLock { $0.isEnded = true }
    ended.wait()
  }

  private func beat() {
    let clock = ContinuousClock()
    var next = clock.now
    while !state.withLock({ $0.isEnded }) {
      // A rank that has said goodbye still hears rank 0, and waits for its goodbye.
      if clock.now >= next, !state.withLock({ $0.isLeaving }), communicator.rank == 0 || !hasLeft(0) {
        tell(.alive)
        next = clock.now + .seconds(Heartbeat.interval)
      }
      listen()
      for (rank, host) in silent(at: clock.now) { onLoss(rank, host) }
      usleep(100_000)
    }
  }

  private func tell(_ beat: Beat) {
    for rank in peers {
      // A beat that cannot be sent is one that is not heard.
      try? communicator.send([beat.rawValue] + Array(communicator.host.utf8), to: rank, tag: Heartbeat.tag)
    }
  }

  private func listen() {
    while let message = try? communicator.receive(from: nil, tag: Heartbeat.tag) {
      let host = String(decoding: message.bytes.dropFirst(), as: UTF8.self)
      state.withLock { state in
        state.heard[message.source] = (ContinuousClock().now, host)
        if message.bytes.first == Beat.leaving.rawValue { state.left.insert(message.source) }
      }
    }
  }

  /// The ranks that have just become silent for too long; each once.
  private func silent(at now: ContinuousClock.Instant) -> [(rank: Int, host: String)] {
    state.withLock { state in
      let lost = state.heard.filter { !state.left.contains($0.key) && (now - $0.value.time) / .seconds(1) > limit }
      for rank in lost.keys { state.left.insert(rank) }
      return lost.map { ($0.key, $0.value.host) }.sorted { $0.0 < $1.0 }
    }
  }
}
