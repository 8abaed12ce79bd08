import GraftFiles

/// A failure of the connection between ranks.
package struct CommunicationFailure: Failure, Equatable {
  /// The operation that failed: `sending to rank 3`.
  package let action: String
  /// The reason, as the library tells it.
  package let reason: String

  package init(_ action: String, _ reason: String) { (self.action, self.reason) = (action, reason) }

  /// The job is over; what is kept stays, and the same call goes on from there.
  package var kind: FailureKind { .resumable }
  package var description: String { "\(action) failed: \(reason)" }
}
