import Foundation
import Synchronization

/// Bytes by name that rank 0 has and that other ranks may lack, such as data sets.
package final class FirstRankFiles: Sendable {
  private static let (requestTag, answerTag) = (4, 5)

  private struct State {
    var offered: [String: @Sendable () -> [UInt8]] = [:]
    var isEnded = false
  }

  private let communicator: any Communicator
  private let state = Mutex(State())
  private let ended = DispatchGroup()

  /// On rank 0, begins to answer: a request waits until the bytes are offered.
  package init(_ communicator: any Communicator) {
    self.communicator = communicator
    guard communicator.rank == 0 else { return }
    ended.enter()
    let thread = Thread {
      self.answer()
      self.ended.leave()
    }
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// Ends the answering; nothing is sent or received afterwards.
  package func end() {
    state.withLock { $0.isEnded = true }
    ended.wait()
  }

  /// Gives a name to bytes, which are made when a rank asks for them.
  package func offer(_ name: String, _ bytes: @escaping @Sendable () -> [UInt8]) {
    state.withLock { $0.offered[name] = bytes }
  }

  /// The bytes that rank 0 offers under a name, once it does; nil if it was given up.
  package func fetch(_ name: String, isGivenUp: () -> Bool) throws(CommunicationFailure) -> [UInt8]? {
    try communicator.send(Array(name.utf8), to: 0, tag: FirstRankFiles.requestTag)
    return try communicator.wait(from: 0, tag: FirstRankFiles.answerTag, isGivenUp: isGivenUp)?.bytes
  }

  private func answer() {
    var open: [(rank: Int, name: String)] = []
    while !state.withLock({ $0.isEnded }) {
      while let request = try? communicator.receive(from: nil, tag: FirstRankFiles.requestTag) {
        open.append((request.source, String(decoding: request.bytes, as: UTF8.self)))
      }
      var rest: [(rank: Int, name: String)] = []
      for (rank, name) in open {
        if let bytes = state.withLock({ $0.offered[name] }) {
          try? communicator.send(bytes(), to: rank, tag: FirstRankFiles.answerTag)
        } else {
          rest.append((rank, name))
        }
      }
      open = rest
      // Nobody asks often: ten times a second costs nothing.
      usleep(100_000)
    }
  }
}
