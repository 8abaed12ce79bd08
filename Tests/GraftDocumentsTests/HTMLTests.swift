import Foundation
import GraftDocuments
import GraftFiles
import Testing

@Suite struct HTMLTests {
  static let hostile = "</script><img src=x onerror=alert(1)>\"'&"
  static let harmless = "&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;"

  @Test func textIsEscapedWhereverItStands() {
    #expect(HTML.text(Self.hostile).source == Self.harmless)
    #expect(
      HTML("p", ["title": Self.hostile], text: Self.hostile).source
        == "<p title=\"\(Self.harmless)\">\(Self.harmless)</p>\n")
    let table = TextTable([.init(Self.hostile, .leading), .init("x")], rows: [[Self.hostile, Self.hostile]])
    let blocks: [TextDocument.Block] = [
      .banner(Self.hostile), .heading(Self.hostile), .paragraph(Self.hostile), .table(table), .list([Self.hostile]),
      .entry(verdict: Self.hostile, statement: Self.hostile, evidence: Self.hostile),
      .plot(BlockPlot(title: Self.hostile, xTitle: Self.hostile, points: [.init(x: 1, y: 1)])),
    ]
    let source = HTML.blocks(blocks).map(\.source).joined()
    #expect(!source.contains("<img") && !source.contains("</script"))
    #expect(source.components(separatedBy: Self.harmless).count - 1 >= 10)
  }

  @Test func attributes() {
    #expect(HTML("input", ["checked": "", "disabled": nil, "value": "a"]).source == "<input checked value=\"a\">")
    #expect(HTML.text("a\u{0}b\nc").source == "a\u{FFFD}b\nc")
    #expect(HTML.text("even -> odd").source == "even → odd")
  }

  @Test("data for scripts cannot end its element")
  func data() {
    let source = HTML.data(id: "data", JSON.string(Self.hostile).text(escapingHTML: true)).source
    #expect(source.components(separatedBy: "</script").count == 2 && !source.contains("<img"))
  }

  @Test func verdicts() {
    let table = TextTable(
      [.init("a"), .init("verdict")], rows: [["1", "reproduced"], ["2", "HURTS"], ["3", "not shown"]])
    let source = HTML.table(table).source
    for kind in ["badge good", "badge bad", "badge open"] { #expect(source.contains(kind)) }
  }

  @Test("headings of a section that has its own are left out")
  func headings() {
    #expect(HTML.blocks([.heading("a"), .paragraph("b")], headings: false).map(\.source) == ["<p>b</p>\n"])
  }
}
