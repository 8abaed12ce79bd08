import GraftFiles

/// A message between the ranks of a study: some JSON, and bytes behind it.
package struct StudyMessage {
  /// Requests of workers to rank 0.
  static let requestTag = 2
  /// Answers: a worker has a tag for each of the threads that may ask at the same time.
  static func answerTag(lane: Int) -> Int { 16 + lane }

  package var header: JSON
  package var payload: [UInt8]

  package init(header: JSON, payload: [UInt8] = []) { (self.header, self.payload) = (header, payload) }

  /// The length of the JSON in four bytes, the JSON, and the bytes.
  package var encoded: [UInt8] {
    let text = Array(header.text().utf8)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 + text.count + payload.count)
    for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: text.count >> shift)) }
    return bytes + text + payload
  }
}

extension StudyMessage {
  /// - Throws: If the bytes are no message, as from a rank with another version.
  package init(decoding bytes: [UInt8]) throws {
    guard bytes.count >= 4 else { throw StudyMessage.unreadable }
    let length = (0..<4).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
    guard length <= bytes.count - 4, let header = try? JSON(parsing: Array(bytes[4..<4 + length])) else {
      throw StudyMessage.unreadable
    }
    self.init(header: header, payload: Array(bytes[(4 + length)...]))
  }

  static var unreadable: GraftFailure {
    GraftFailure(.badConfiguration, "the ranks do not understand each other: they run different versions of graft")
  }
}
