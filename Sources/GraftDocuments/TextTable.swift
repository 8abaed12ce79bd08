import GraftFiles

/// A small table: a head and rows of text, for a terminal or for Markdown.
package struct TextTable: Sendable, Hashable {
  package enum Alignment: Sendable { case leading, trailing }

  package struct Column: Sendable, Hashable {
    package let title: String
    package let alignment: Alignment

    package init(_ title: String, _ alignment: Alignment = .trailing) {
      self.title = title
      self.alignment = alignment
    }
  }

  package var columns: [Column]
  package var rows: [[String]]

  /// A table with titles and rows, all printed as single lines.
  ///
  /// - Parameters:
  ///   - columns: The columns. Their titles may come from files and users, as class names do.
  ///   - rows: The cells, which may come from there too.
  package init(_ columns: [Column], rows: [[String]] = []) {
    precondition(rows.allSatisfy { $0.count == columns.count })
    self.columns = columns
    self.rows = rows
  }

  /// The rows as they are shown.
  private var lines: [[String]] { rows.map { $0.map(singleLine) } }
  private var titles: [String] { columns.map { singleLine($0.title) } }

  /// The table as columns side by side, two spaces apart, under a rule.
  package func terminal() -> String {
    let (rows, titles) = (lines, titles)
    let widths = columns.indices.map { column in
      ([titles[column]] + rows.map { $0[column] }).map(\.count).max() ?? 0
    }
    func line(_ cells: [String]) -> String {
      let padded = cells.indices.map { index in
        let space = String(repeating: " ", count: widths[index] - cells[index].count)
        return columns[index].alignment == .leading ? cells[index] + space : space + cells[index]
      }
      let text = padded.joined(separator: "  ")
      return String(text.reversed().drop(while: { $0 == " " }).reversed())
    }
    let rule = widths.map { String(repeating: "-", count: $0) }.joined(separator: "  ")
    return ([line(titles), rule] + rows.map(line)).joined(separator: "\n")
  }

  package func markdown() -> String {
    func line(_ cells: [String]) -> String {
      "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
    }
    let rule = "|" + columns.map { $0.alignment == .leading ? "---|" : "---:|" }.joined()
    return ([line(titles), rule] + lines.map(line)).joined(separator: "\n")
  }
}
