import GraftFiles

/// The ranks of a job that compute one thing together, step by step.
///
/// None of them can go on without the others: a rank that cannot reach another one ends.
package struct RankTeam: Sendable {
  /// The tag of its messages.
  private static let tag = 3

  private let communicator: any Communicator
  private let isDismissed: @Sendable () -> Bool
  private let onFailure: @Sendable (CommunicationFailure?) -> Never

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
    orEnd { () throws(CommunicationFailure) in
      try communicator.exchange(bytes, with: rank, tag: RankTeam.tag, isGivenUp: isDismissed)
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
