import GraftFiles
import GraftStatistics
import GraftWorkbench

/// A prefix of a trial's id, as a person types it.
struct IDPrefix {
  /// The least number of digits; fewer would name a trial by accident.
  static let minimumLength = 4

  /// The digits in lower case.
  let digits: String

  /// - Throws: `usage` if it cannot be the beginning of an id.
  init(_ text: String) throws(GraftFailure) {
    let digits = text.lowercased()
    guard (Self.minimumLength...64).contains(digits.utf8.count), digits.utf8.allSatisfy(Self.isDigit) else {
      throw GraftFailure(
        .usage,
        "expected at least \(Self.minimumLength) hexadecimal digits of a trial's id, found \(quoted(text))"
      )
    }
    self.digits = digits
  }

  /// The range of ids with this beginning, in the order of text, so that an index finds them. "g" comes after every
  /// hexadecimal digit.
  static func range(of digits: String) -> Range<String> { digits..<(digits + "g") }

  /// Shortens an id to a readable length, longer than the typed prefix.
  func shortened(_ id: String) -> String { String(id.prefix(max(12, digits.count + 4))) }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
  }
}
