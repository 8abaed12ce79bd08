import Foundation
import Synchronization

/// Ranks that are threads of one process, for tests on machines without MPI.
package struct ThreadCommunicator: Communicator {
  private struct Message: Sendable {
    let tag: Int
    let message: RankMessage
  }

  /// The messages that wait for each rank, and the ranks that are cut off.
  private final class Hub: Sendable {
    let waiting: Mutex<[[Message]]>
    let lost = Mutex<Set<Int>>([])
    init(_ size: Int) { waiting = Mutex(Array(repeating: [], count: size)) }
  }

  package let rank: Int
  package let size: Int
  package var host: String { "thread \(rank)" }
  private let hub: Hub

  /// All ranks of a job.
  package static func ranks(_ size: Int) -> [ThreadCommunicator] {
    let hub = Hub(size)
    return (0..<size).map { ThreadCommunicator(rank: $0, size: size, hub: hub) }
  }

  package func send(_ bytes: [UInt8], to rank: Int, tag: Int) {
    // A rank that is cut off neither sends nor receives.
    if hub.lost.withLock({ $0.contains(rank) || $0.contains(self.rank) }) { return }
    hub.waiting.withLock { $0[rank].append(Message(tag: tag, message: RankMessage(source: self.rank, bytes: bytes))) }
  }

  package func receive(from source: Int?, tag: Int) -> RankMessage? {
    hub.waiting.withLock { waiting in
      let index = waiting[rank].firstIndex {
        $0.tag == tag && (source == nil || $0.message.source == source)
      }
      return index.map { waiting[rank].remove(at: $0).message }
    }
  }

  package func exchange(_ bytes: [UInt8], with rank: Int, tag: Int, isGivenUp: () -> Bool)
    throws(CommunicationFailure) -> [UInt8]?
  {
    send(bytes, to: rank, tag: tag)
    return try wait(from: rank, tag: tag, isGivenUp: isGivenUp)?.bytes
  }

  /// Cuts this rank off, as a broken line does: nothing that it sends arrives from now on.
  package func cutOff() { hub.lost.withLock { _ = $0.insert(rank) } }

  package func abort(code: Int32) -> Never { exit(code) }
}
