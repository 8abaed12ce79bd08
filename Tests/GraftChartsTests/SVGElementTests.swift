import Testing

@testable import GraftCharts

@Suite struct SVGElementTests {
  @Test func textAndAttributesAreEscaped() {
    let attack = "</text><script>alert('x' & \"y\")</script>"
    let element = SVGElement("text", ["data-name": .text(attack)], text: attack)
    let escaped = "&lt;/text&gt;&lt;script&gt;alert(&#39;x&#39; &amp; &quot;y&quot;)&lt;/script&gt;"
    #expect(element.source() == "<text data-name=\"\(escaped)\">\(escaped)</text>\n")
  }

  @Test func whatXMLForbidsIsReplaced() {
    #expect(SVGElement.escaped("a\u{0}b\u{1B}c\u{FFFF}d\te\nf") == "a\u{FFFD}b\u{FFFD}c\u{FFFD}d e f")
    #expect(SVGElement.escaped("Größe ≤ 5 — 数字 🙂") == "Größe ≤ 5 — 数字 🙂")
  }

  @Test(arguments: [
    (0.0, "0"), (-0.0, "0"), (-0.001, "0"), (1, "1"), (1.5, "1.5"), (1.006, "1.01"), (-2.345678, "-2.35"), (100, "100"),
    (0.1 + 0.2, "0.3"), (1e6, "1000000"), (.nan, "0"), (.infinity, "0"), (1e300, "0"),
  ])
  func coordinatesHaveTwoDecimalsAtMost(value: Double, text: String) {
    #expect(NumberText.coordinate(value) == text)
  }

  @Test func nestingIndentsButNeverInsideText() {
    let text = SVGElement("text", children: [SVGElement("tspan", text: "a"), SVGElement("tspan", text: "b")])
    #expect(SVGElement.group([text]).source() == "<g>\n  <text><tspan>a</tspan><tspan>b</tspan></text>\n</g>\n")
  }

  @Test func documentsNameThemselves() {
    let document = SVGDocument(width: 10, height: 20.5, title: "A & B", summary: "<none>", elements: [])
    let source = document.source
    #expect(source == document.source)
    #expect(source.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10\" height=\"20.5\""))
    #expect(source.contains("role=\"img\" aria-labelledby=\"title-"))
    #expect(source.contains(">A &amp; B</title>"))
    #expect(source.contains(">&lt;none&gt;</desc>"))
    #expect(source.contains("<rect x=\"0\" y=\"0\" width=\"10\" height=\"20.5\" fill=\"#ffffff\"/>"))
  }

  @Test func chartsOnOnePageDoNotShareIdentifiers() {
    func mark(_ title: String) -> String? {
      let source = SVGDocument(width: 9, height: 9, title: title, summary: "", elements: []).source
      return source.split(separator: "\"").first { $0.hasPrefix("title-") }.map(String.init)
    }
    #expect(mark("a") != nil)
    #expect(mark("a") != mark("b"))
  }
}
