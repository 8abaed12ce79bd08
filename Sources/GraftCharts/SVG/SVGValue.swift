/// The value of an SVG attribute: text, or a number that is printed with at most two decimals.
package enum SVGValue: Sendable, Equatable, ExpressibleByStringLiteral, ExpressibleByFloatLiteral,
  ExpressibleByIntegerLiteral
{
  case text(String)
  case number(Double)

  /// Text, from a literal.
  package init(stringLiteral value: String) { self = .text(value) }
  /// A number, from a literal.
  package init(floatLiteral value: Double) { self = .number(value) }
  /// A number, from a literal.
  package init(integerLiteral value: Int) { self = .number(Double(value)) }

  /// The value as it stands between the quotation marks, escaped.
  package var source: String {
    switch self {
    case .text(let text): SVGElement.escaped(text)
    case .number(let number): NumberText.coordinate(number)
    }
  }
}
