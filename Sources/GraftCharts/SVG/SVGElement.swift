/// An element of an SVG picture, with its attributes in the order in which they were given.
package struct SVGElement: Sendable, Equatable {
  /// An attribute of an element.
  package struct Attribute: Sendable, Equatable {
    /// The name as in the SVG standard.
    package var name: String
    /// The value, unescaped.
    package var value: SVGValue
  }

  /// The tag.
  package var name: String
  /// The attributes, in the order in which they are written.
  package var attributes: [Attribute]
  /// The text directly inside the element, before its children; unescaped.
  package var text: String?
  /// The elements inside, from back to front.
  package var children: [SVGElement]

  /// An element with its attributes, text and children.
  package init(
    _ name: String, _ attributes: KeyValuePairs<String, SVGValue> = [:], text: String? = nil,
    children: [SVGElement] = []
  ) {
    self.name = name
    self.attributes = attributes.map { Attribute(name: $0.key, value: $0.value) }
    self.text = text
    self.children = children
  }

  /// The same element with one more attribute, or unchanged if there is no value.
  package func with(_ name: String, _ value: SVGValue?) -> SVGElement {
    guard let value else { return self }
    var result = self
    result.attributes.append(Attribute(name: name, value: value))
    return result
  }

  /// The value of the attribute `name`, as written but unescaped.
  package subscript(_ name: String) -> String? {
    guard let value = attributes.first(where: { $0.name == name })?.value else { return nil }
    switch value {
    case .text(let text): return text
    case .number(let number): return NumberText.coordinate(number)
    }
  }

  /// The element and everything below it, depth first.
  package var flattened: [SVGElement] { [self] + children.flatMap(\.flattened) }

  // MARK: - Source text

  /// The element as XML: one line for each element, two blanks for each level.
  package func source(indent: Int = 0) -> String {
    let margin = String(repeating: " ", count: indent)
    let list = attributes.map { " \($0.name)=\"\($0.value.source)\"" }.joined()
    let inner = text.map { Self.escaped($0) } ?? ""
    if children.isEmpty {
      return inner.isEmpty ? "\(margin)<\(name)\(list)/>\n" : "\(margin)<\(name)\(list)>\(inner)</\(name)>\n"
    }
    // White space between the parts of a text would be drawn.
    if name == "text" {
      let parts = children.map { $0.source().dropLast() }.joined()
      return "\(margin)<\(name)\(list)>\(inner)\(parts)</\(name)>\n"
    }
    let body = children.map { $0.source(indent: indent + 2) }.joined()
    return "\(margin)<\(name)\(list)>\(inner)\n\(body)\(margin)</\(name)>\n"
  }

  /// `text` as it may stand in an element or between the quotation marks of an attribute.
  ///
  /// XML has no way at all to write most control characters; they become U+FFFD.
  ///
  /// - Parameter keepsLines: Whether tabs and line breaks stay or become blanks.
  package static func escaped(_ text: String, keepsLines: Bool = false) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\t", "\n": result.unicodeScalars.append(keepsLines ? scalar : " ")
      case "\r": result += " "
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
