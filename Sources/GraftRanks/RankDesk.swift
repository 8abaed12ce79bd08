import Foundation
import Synchronization

/// Rank 0's answers to questions of the other ranks, each of which has a name: for a data set that they lack, for the next training of a list.
package final class RankDesk: Sendable {
  /// Makes an answer out of what came with the question.
  package typealias Answering = @Sendable (_ payload: [UInt8]) -> [UInt8]

  private static let (requestTag, answerTag) = (4, 5)

  private struct State {
    var answering: [String: Answering] = [:]
    var isEnded = false
  }

  private struct Request {
    let rank: Int
    let name: String
    let payload: [UInt8]
  }

  private let communicator: any Communicator
  private let isDismissed: @Sendable () -> Bool
  private let state = Mutex(State())
  /// Held while a rank waits for an answer, so that no thread of it takes another one's.
  private let asking = Mutex<Void>(())
  private let ended = DispatchGroup()

  /// On rank 0, begins to answer.
  ///
  /// - Parameter isDismissed: Whether rank 0 has left, so that nothing is answered any more.
  package init(_ communicator: any Communicator, isDismissed: @escaping @Sendable () -> Bool = { false }) {
    self.communicator = communicator
    self.isDismissed = isDismissed
    guard communicator.rank == 0 else { return }
    ended.enter()
    let thread = Thread {
      self.serve()
      self.ended.leave()
    }
    thread.stackSize = 8 << 20
    thread.start()
  }

  package var isFirst: Bool { communicator.rank == 0 }

  /// Ends the answering; nothing is sent or received afterwards.
  package func end() {
    state.withLock { $0.isEnded = true }
    ended.wait()
  }

  /// Says how a question is answered. Those who asked before have waited for it.
  package func answer(_ name: String, _ answering: @escaping Answering) {
    state.withLock { $0.answering[name] = answering }
  }

  /// Asks rank 0, as another rank, and waits for the answer; nil if rank 0 has left.
  package func ask(_ name: String, _ payload: [UInt8] = []) throws(CommunicationFailure) -> [UInt8]? {
    precondition(!isFirst, "rank 0 does not ask itself")
    let name = Array(name.utf8.prefix(0xffff))
    let answer = asking.withLock { _ in
      Result { () throws(CommunicationFailure) in
        try communicator.send(
          [UInt8(name.count >> 8), UInt8(name.count & 0xff)] + name + payload, to: 0, tag: RankDesk.requestTag)
        return try communicator.wait(from: 0, tag: RankDesk.answerTag, isGivenUp: isDismissed)?.bytes
      }
    }
    return try answer.get()
  }

  private func serve() {
    var waiting: [Request] = []
    var pause = Pause(longest: 0.02)
    while !state.withLock({ $0.isEnded }) {
      while let request = try? communicator.receive(from: nil, tag: RankDesk.requestTag) {
        // The length of the name in two bytes, the name, and what comes with it.
        let length = request.bytes.prefix(2).reduce(0) { $0 << 8 | Int($1) }
        waiting.append(
          Request(
            rank: request.source, name: String(decoding: request.bytes.dropFirst(2).prefix(length), as: UTF8.self),
            payload: Array(request.bytes.dropFirst(2 + length))))
        pause = Pause(longest: 0.02)
      }
      waiting = waiting.filter { request in
        guard let answering = state.withLock({ $0.answering[request.name] }) else { return true }
        try? communicator.send(answering(request.payload), to: request.rank, tag: RankDesk.answerTag)
        return false
      }
      pause.rest()
    }
  }
}
