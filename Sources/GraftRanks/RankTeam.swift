import Synchronization

/// The ranks of a job that compute one thing together, step by step.
///
/// None of them can go on without the others: a rank that cannot reach another one ends.
package struct RankTeam: Sendable {
  /// The tag of its messages.
  private static let tag = 3

  private let communicator: any Communicator
  private let isDismissed: @Sendable () -> Bool
  private let onFailure: @Sendable (CommunicationFailure?) -> Never

  private let traffic = Traffic()

  package var rank: Int { communicator.rank }
  package var size: Int { communicator.size }
  package var isFirst: Bool { rank == 0 }

  /// - Parameters:
  ///   - isDismissed: Whether rank 0 has left, so that nothing comes any more.
  ///   - onFailure: Ends this rank: with a failure of the connection, or with nil if rank 0 has left, which then has said why.
  package init(
    _ communicator: any Communicator, isDismissed: @escaping @Sendable () -> Bool,
    onFailure: @escaping @Sendable (CommunicationFailure?) -> Never
  ) {
    (self.communicator, self.isDismissed, self.onFailure) = (communicator, isDismissed, onFailure)
  }

  /// Gives the bytes of rank 0 to all. Each rank calls it; what other ranks give is not looked at.
  package func broadcast(_ bytes: @autoclosure () -> [UInt8]) -> [UInt8] {
    orEnd { () throws(CommunicationFailure) in
      guard isFirst else { return try communicator.wait(from: 0, tag: RankTeam.tag, isGivenUp: isDismissed)?.bytes }
      let bytes = bytes()
      for rank in 1..<size { try communicator.send(bytes, to: rank, tag: RankTeam.tag) }
      return bytes
    }
  }

  /// Sends bytes to a rank and waits for as many that it sends here at the same time.
  package func exchange(_ bytes: [UInt8], with rank: Int) -> [UInt8] {
    let clock = ContinuousClock()
    let begin = clock.now
    defer { traffic.add(bytes.count, (clock.now - begin) / .seconds(1)) }
    return orEnd { () throws(CommunicationFailure) in
      try communicator.exchange(bytes, with: rank, tag: RankTeam.tag, isGivenUp: isDismissed)
    }
  }

  /// Exchanges so far, their bytes in each direction, and the seconds that they took, with the waiting for ranks that were not ready.
  package var exchanged: (count: Int, bytes: Int, seconds: Double) { traffic.sum.withLock { $0 } }

  private final class Traffic: Sendable {
    let sum = Mutex<(count: Int, bytes: Int, seconds: Double)>((0, 0, 0))

    func add(_ bytes: Int, _ seconds: Double) {
      sum.withLock { $0 = ($0.count + 1, $0.bytes + bytes, $0.seconds + seconds) }
    }
  }

  private func orEnd(_ body: () throws(CommunicationFailure) -> [UInt8]?) -> [UInt8] {
    do {
      guard let bytes = try body() else { onFailure(nil) }
      return bytes
    } catch {
      onFailure(error)
    }
  }
}
