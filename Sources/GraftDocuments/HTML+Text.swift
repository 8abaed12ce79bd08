extension HTML {
  /// The output of a command for a page: the same tables, paragraphs and points.
  ///
  /// - Parameter headings: Whether headings are kept; a section with one table needs none beside its own.
  package static func blocks(_ blocks: [TextDocument.Block], headings: Bool = true) -> [HTML] {
    var pieces: [HTML] = []
    var entries: [HTML] = []
    func flush() {
      if !entries.isEmpty { pieces.append(HTML("div", ["class": "entries"], entries)) }
      entries = []
    }
    for block in blocks {
      if case .entry(let verdict, let statement, let evidence) = block {
        entries.append(
          HTML(
            "article", ["class": "entry"],
            [
              HTML("p", ["class": "statement"], [verdictBadge(verdict), .text(" \(statement)")]),
              HTML("p", ["class": "evidence"], text: evidence),
            ]))
        continue
      }
      flush()
      switch block {
      case .banner(let text): pieces.append(HTML("p", ["class": "banner", "role": "note"], text: text))
      case .heading(let title): if headings { pieces.append(HTML("h3", text: title)) }
      case .paragraph(let text): pieces.append(HTML("p", [:], prose(text)))
      case .table(let own): pieces.append(table(own))
      case .plot(let plot): pieces.append(HTML("pre", text: plot.lines.joined(separator: "\n")))
      case .list(let items): pieces.append(HTML("ul", [:], items.map { HTML("li", [:], prose($0)) }))
      case .entry: break
      }
    }
    flush()
    return pieces
  }

  /// Text with `code` between backticks.
  package static func prose(_ text: String) -> [HTML] {
    let parts = text.split(separator: "`", omittingEmptySubsequences: false).map(String.init)
    // A backtick without a partner stays a backtick.
    guard parts.count > 1, parts.count % 2 == 1 else { return [.text(text)] }
    return parts.enumerated().map { $0.offset % 2 == 1 ? HTML("code", text: $0.element) : .text($0.element) }
  }

  /// A table in a frame of its own, in which it can be scrolled sideways if the page is narrow.
  package static func table(_ table: TextTable, caption: String? = nil) -> HTML {
    func kind(_ column: Int) -> String? { table.columns[column].alignment == .leading ? "text" : nil }
    let head = table.columns.indices.map { index in
      HTML("th", ["scope": "col", "class": kind(index)], text: table.columns[index].title)
    }
    let rows = table.rows.map { cells in
      HTML(
        "tr", [:],
        cells.enumerated().map { index, text in
          index == 0
            ? HTML("th", ["scope": "row", "class": kind(index)], text: text)
            : HTML(
              "td", ["class": isPlot(text) ? "blocks" : kind(index)],
              [isVerdict(text) ? verdictBadge(text) : .text(text)])
        })
    }
    let label = caption ?? "table: \(table.columns.map(\.title).filter { !$0.isEmpty }.joined(separator: ", "))"
    return HTML(
      "div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": label],
      [
        HTML(
          "table", [:],
          (caption.map { [HTML("caption", text: $0)] } ?? []) + [
            HTML("thead", [:], [HTML("tr", [:], head)]), HTML("tbody", [:], rows),
          ])
      ])
  }

  // MARK: - Verdicts

  /// A badge for good, bad or neither, by a sign and a word as well as by colour.
  package static func verdictBadge(_ verdict: String) -> HTML {
    let (kind, sign) = signs[verdict] ?? ("open", "?")
    return HTML(
      "span", ["class": "badge \(kind)"], [HTML("span", ["aria-hidden": "true"], text: "\(sign) "), .text(verdict)])
  }

  /// Returns whether the text is drawn with blocks, whose gaps count.
  private static func isPlot(_ text: String) -> Bool { text.contains { $0 != " " && BlockPlot.blocks.contains($0) } }

  private static func isVerdict(_ text: String) -> Bool { signs[text] != nil }

  private static let signs: [String: (kind: String, sign: String)] = [
    "reproduced": ("good", "✓"), "holds": ("good", "✓"), "helps": ("good", "▲"),
    "not reproduced": ("bad", "✗"), "does not hold": ("bad", "✗"), "HURTS": ("bad", "▼"),
    "cannot be decided": ("open", "?"), "not shown": ("open", "?"), "equal": ("open", "="), "one seed": ("open", "1"),
  ]
}
