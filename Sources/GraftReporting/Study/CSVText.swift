import GraftFiles

/// Text of comma-separated values (RFC 4180), with line feeds.
enum CSVText {
  /// A document with a header line.
  ///
  /// - Parameter rows: The rows, each with as many fields as `head`.
  static func document(_ head: [String], _ rows: [[String]]) -> String {
    precondition(rows.allSatisfy { $0.count == head.count })
    return ([head] + rows).map { $0.map(field).joined(separator: ",") + "\n" }.joined()
  }

  /// A field, in quotation marks if it needs them: `mnist:0,1,7` is a name.
  static func field(_ text: String) -> String {
    let needsQuotes = text.utf8.contains { [UInt8(ascii: ","), UInt8(ascii: "\""), 0x0a, 0x0d].contains($0) }
    return needsQuotes ? "\"\(text.replacing("\"", with: "\"\""))\"" : text
  }

  /// A number with fixed decimals; empty for nil and for a value that is not a number.
  static func number(_ value: Double?, _ places: Int = 4) -> String {
    guard let value, abs(value) < 1e15 else { return "" }
    return decimals(value, places)
  }

  /// A number with all digits, for probabilities; empty for nil.
  static func exact(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "" }
    return "\(value)"
  }
}
