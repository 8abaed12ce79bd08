/// A JSON value (RFC 8259) that keeps the order of its keys.
///
/// Foundation's parsers accept duplicate keys, trailing commas, byte order marks and `4.0` as an integer, and do not
/// tell the position of a bad number. Headers and configurations must have one meaning only.
package enum JSON: Sendable, Hashable {
  case null
  case bool(Bool)
  /// A number written without fraction and exponent that fits `Int`.
  case integer(Int)
  /// Any other number.
  case number(Double)
  case string(String)
  case array([JSON])
  case object(Object)
}

// MARK: - Reading values out

extension JSON {
  package var isNull: Bool { self == .null }

  package var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  package var int: Int? {
    if case .integer(let value) = self { value } else { nil }
  }

  /// A number of either kind; an integer beyond 2^53 is rounded.
  package var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  package var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  package var array: [JSON]? {
    if case .array(let values) = self { values } else { nil }
  }

  package var object: Object? {
    if case .object(let members) = self { members } else { nil }
  }

  /// The value of a key; nil if this is no object or has no such key.
  package subscript(key: String) -> JSON? { object?[key] }
}

// MARK: - Literals

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral {
  package init(nilLiteral: ()) { self = .null }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(integerLiteral value: Int) { self = .integer(value) }
}

extension JSON: ExpressibleByFloatLiteral, ExpressibleByStringInterpolation {
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(stringLiteral value: String) { self = .string(value) }
}

extension JSON: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
  package init(arrayLiteral elements: JSON...) { self = .array(elements) }

  /// Keeps the written order; if a key is written twice, the last value counts.
  package init(dictionaryLiteral elements: (String, JSON)...) {
    var members = Object()
    for (key, value) in elements { members[key] = value }
    self = .object(members)
  }
}
