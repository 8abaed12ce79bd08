/// The processes of one job that work together, numbered from 0 (MPI 3.1, chapter 3).
///
/// Messages between two ranks with the same tag arrive in the order in which they were sent. Any thread may call any of these.
package protocol Communicator: Sendable {
  /// The number of this process, from 0.
  var rank: Int { get }
  /// The number of processes.
  var size: Int { get }
  /// The name of this process' machine.
  var host: String { get }

  /// Sends bytes; returns when they may be changed again, which can be before they are received.
  ///
  /// - Parameter tag: From 0 to 32,767; the receiver can ask for it.
  func send(_ bytes: [UInt8], to rank: Int, tag: Int) throws(CommunicationFailure)

  /// The next message with a tag, if one has arrived.
  ///
  /// - Parameter source: The rank that sent it; nil for any.
  func receive(from source: Int?, tag: Int) throws(CommunicationFailure) -> RankMessage?

  /// Sends bytes to a rank and waits for as many that it sends here at the same time.
  ///
  /// - Parameter isGivenUp: Asked while nothing has come.
  /// - Returns: nil if it was given up.
  func exchange(
    _ bytes: [UInt8], with rank: Int, tag: Int, isGivenUp: () -> Bool
  ) throws(CommunicationFailure) -> [UInt8]?

  /// Ends all processes of the job at once.
  func abort(code: Int32) -> Never
}

/// A message and its sender.
package struct RankMessage: Sendable, Equatable {
  package let source: Int
  package let bytes: [UInt8]
}

extension Communicator {
  /// Waits for a message with a tag.
  ///
  /// - Parameter isGivenUp: Asked while nothing has come.
  /// - Returns: nil if it was given up.
  package func wait(
    from source: Int?, tag: Int, isGivenUp: () -> Bool = { false }
  ) throws(CommunicationFailure) -> RankMessage? {
    var pause = Pause()
    while true {
      if let message = try receive(from: source, tag: tag) { return message }
      if isGivenUp() { return nil }
      pause.rest()
    }
  }
}
