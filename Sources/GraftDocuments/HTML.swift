import GraftCharts

/// A piece of a page. All text in it is escaped: there is no way to put markup in as a string.
package struct HTML: Sendable, Hashable {
  /// The text in the file.
  package let source: String

  private init(escaped source: String) { self.source = source }

  /// An element. An attribute whose value is nil is left out; one whose value is empty stands alone.
  package init(_ tag: String, _ attributes: KeyValuePairs<String, String?> = [:], _ children: [HTML] = []) {
    var source = "<\(tag)"
    for (name, value) in attributes {
      guard let value else { continue }
      source += value.isEmpty ? " \(name)" : " \(name)=\"\(HTML.escaped(value))\""
    }
    source += ">"
    if !HTML.voidTags.contains(tag) {
      for child in children { source += child.source }
      source += "</\(tag)>"
      if HTML.blockTags.contains(tag) { source += "\n" }
    }
    self.source = source
  }

  /// An element with nothing but text in it.
  package init(_ tag: String, _ attributes: KeyValuePairs<String, String?> = [:], text: String) {
    self.init(tag, attributes, [.text(text)])
  }

  /// Text of a terminal in a page's characters: `->` becomes an arrow, and the sign of a negative number a minus as wide as a plus.
  package static func text(_ text: String) -> HTML {
    HTML(escaped: escaped(withMinusSigns(text.replacing(" -> ", with: " → "))))
  }

  /// Turns a hyphen into a minus if a digit follows and nothing, a space or a parenthesis stands before it.
  private static func withMinusSigns(_ text: String) -> String {
    guard text.contains("-") else { return text }
    var result = ""
    var before: Character = " "
    for (place, character) in zip(text.indices, text) {
      let next = text.index(after: place)
      let isSign =
        character == "-" && (before == " " || before == "(") && next < text.endIndex && text[next].isASCII
        && text[next].isNumber
      result.append(isSign ? Character(NumberText.minus) : character)
      before = character
    }
    return result
  }

  package static func picture(_ document: SVGDocument) -> HTML { HTML(escaped: document.source) }

  /// A chart drawn for wide and for narrow screens, of which one shows.
  package static func picture(wide: SVGDocument, narrow: SVGDocument) -> [HTML] {
    [("wide", wide), ("narrow", narrow)].map { HTML("div", ["class": "plot linear \($0.0)"], [.picture($0.1)]) }
  }

  /// A script or style sheet of the program, which must not contain the end of its own element.
  package static func resource(_ tag: String, _ bytes: [UInt8]) -> HTML {
    let text = String(decoding: bytes, as: UTF8.self)
    precondition(!text.contains("</\(tag)"), "a resource would end its element")
    return HTML(escaped: "<\(tag)>\n\(text)</\(tag)>\n")
  }

  /// Data for the scripts; `json` is escaped for HTML, see `JSON.text(_:escapingHTML:)`.
  package static func data(id: String, _ json: String) -> HTML {
    precondition(!json.contains("<"), "JSON for a page has no < in it")
    return HTML(escaped: "<script type=\"application/json\" id=\"\(escaped(id))\">\(json)</script>\n")
  }

  private static let voidTags: Set<String> = ["br", "col", "hr", "img", "input", "meta"]
  private static let blockTags: Set<String> = [
    "article", "details", "div", "figure", "footer", "h1", "h2", "h3", "header", "li", "main", "nav", "ol", "p", "pre",
    "section", "table", "tr", "ul",
  ]

  /// `text` as it may stand in an element or between the quotation marks of an attribute. Control characters except line breaks
  /// and tabs, which HTML does not allow, become U+FFFD.
  package static func escaped(_ text: String) -> String { SVGElement.escaped(text, keepsLines: true) }
}
