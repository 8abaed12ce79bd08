import GraftFiles

/// A document that a command prints: headings, paragraphs, tables and entries, rendered for a terminal or as Markdown.
package struct TextDocument: Sendable, Hashable {
  package enum Block: Sendable, Hashable {
    /// A warning that nobody may overlook.
    case banner(String)
    case heading(String)
    case paragraph(String)
    case table(TextTable)
    /// A chart of characters.
    case plot(BlockPlot)
    /// A list of points, one a line.
    case list([String])
    /// A statement with a short verdict and its evidence.
    case entry(verdict: String, statement: String, evidence: String)
  }

  package var blocks: [Block]

  package init(_ blocks: [Block] = []) { self.blocks = blocks }

  /// Text for a terminal of `width` columns; tables keep their own width.
  package func terminal(width: Int = 100) -> String {
    let texts = blocks.map { block in
      switch block {
      case .banner(let text): TextDocument.framed(text)
      case .heading(let title):
        "\(singleLine(title))\n\(String(repeating: "=", count: singleLine(title).count))"
      case .paragraph(let text): wrapped(text, width: width)
      case .table(let table): table.terminal()
      case .plot(let plot): plot.lines.joined(separator: "\n")
      case .list(let items):
        items.map { wrapped($0, width: width, first: "- ", following: "  ") }.joined(separator: "\n")
      case .entry(let verdict, let statement, let evidence):
        wrapped("[\(verdict)] \(statement)", width: width) + "\n"
          + wrapped(evidence, width: width, first: "    ", following: "    ")
      }
    }
    return texts.joined(separator: "\n\n") + "\n"
  }

  /// A box of stars around one line.
  package static func framed(_ text: String) -> String {
    let text = singleLine(text)
    let rule = String(repeating: "*", count: text.count + 4)
    return "\(rule)\n* \(text) *\n\(rule)"
  }

  package func markdown() -> String {
    var texts: [String] = []
    var entries: [[String]] = []
    func flush() {
      guard !entries.isEmpty else { return }
      let columns: [TextTable.Column] = [
        .init("claim", .leading), .init("verdict", .leading), .init("evidence", .leading),
      ]
      texts.append(TextTable(columns, rows: entries).markdown())
      entries = []
    }
    for block in blocks {
      if case .entry(let verdict, let statement, let evidence) = block {
        entries.append([statement, verdict, evidence])
        continue
      }
      flush()
      switch block {
      case .banner(let text): texts.append("> **\(singleLine(text))**")
      case .heading(let title): texts.append("## \(singleLine(title))")
      case .paragraph(let text): texts.append(text)
      case .table(let table): texts.append(table.markdown())
      case .plot(let plot): texts.append("```\n\(plot.lines.joined(separator: "\n"))\n```")
      case .list(let items): texts.append(items.map { "- \($0)" }.joined(separator: "\n"))
      case .entry: break
      }
    }
    flush()
    return texts.joined(separator: "\n\n") + "\n"
  }
}

/// Breaks text at spaces so that no line is longer than `width`, if words allow.
package func wrapped(_ text: String, width: Int, first: String = "", following: String = "") -> String {
  var lines: [String] = []
  var line = first
  var isEmpty = true
  for word in text.split(separator: " ", omittingEmptySubsequences: true).map({ singleLine(String($0)) }) {
    if !isEmpty && line.count + 1 + word.count > width {
      lines.append(line)
      line = following
      isEmpty = true
    }
    line += (isEmpty ? "" : " ") + word
    isEmpty = false
  }
  return (lines + [line]).joined(separator: "\n")
}
