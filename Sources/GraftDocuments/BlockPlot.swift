import GraftFiles

/// A small chart of characters: upright bars of eighths of a block, for a terminal of 80 columns.
package struct BlockPlot: Sendable, Hashable {
  package var title: String
  /// The title of the x axis.
  package var xTitle: String
  /// The points from left to right; a value that is not finite leaves a gap.
  package var points: [Point]
  /// The number of lines for the bars.
  package var height: Int
  /// The most columns, without the labels.
  package var width: Int

  package struct Point: Sendable, Hashable {
    package var x: Double
    package var y: Double

    package init(x: Double, y: Double) { (self.x, self.y) = (x, y) }
  }

  package init(title: String, xTitle: String, points: [Point], height: Int = 6, width: Int = 64) {
    (self.title, self.xTitle, self.points) = (title, xTitle, points)
    (self.height, self.width) = (max(height, 1), max(width, 8))
  }

  static let blocks: [Character] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

  /// The title, the bars with the largest and the smallest value beside them, and the ends of the x axis; empty for no values.
  package var lines: [String] {
    let finite = points.filter { $0.y.isFinite }
    guard let low = finite.map(\.y).min(), let high = finite.map(\.y).max(), let first = finite.first,
      let last = finite.last
    else { return [] }
    let columns = columns
    let levels = columns.map { value -> Int? in
      value.map { value in
        // The smallest value has one eighth, as an empty column would look like a gap.
        let share = high > low ? (value - low) / (high - low) : 1
        return 1 + Int((share * Double(8 * height - 1)).rounded())
      }
    }
    let labels = [BlockPlot.text(high), BlockPlot.text(low)]
    let margin = labels.map(\.count).max() ?? 0
    func padded(_ text: String) -> String { String(repeating: " ", count: margin - text.count) + text }
    let rows = (0..<height).reversed().map { row -> String in
      let bars = String(levels.map { BlockPlot.blocks[min(max(($0 ?? 0) - 8 * row, 0), 8)] })
      let label = row == height - 1 ? labels[0] : row == 0 ? labels[1] : ""
      return "\(padded(label)) ┤\(bars)"
    }
    let (start, end) = (BlockPlot.text(first.x), BlockPlot.text(last.x))
    let gap = max(columns.count - start.count - end.count, 1)
    let foot =
      padded("") + "  " + start + (columns.count < 2 ? "" : String(repeating: " ", count: gap) + end)
      + "  \(singleLine(xTitle))"
    return [singleLine(title)] + rows.map(BlockPlot.trimmed) + [foot]
  }

  /// The value of each column: the last of the points that fall together.
  private var columns: [Double?] {
    if points.count <= width / 2, points.count > 0 {
      // Few points get wide bars.
      let wide = max(1, min(width / points.count, 4))
      return points.flatMap { point in
        Array(repeating: point.y.isFinite ? point.y : nil, count: wide)
      }
    }
    let count = min(points.count, width)
    return (0..<count).map { column in
      let value = points[(column + 1) * points.count / count - 1].y
      return value.isFinite ? value : nil
    }
  }

  private static func text(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e6 ? grouped(Int(value)) : decimals(value, abs(value) < 1 ? 4 : 2)
  }

  private static func trimmed(_ line: String) -> String {
    String(line.reversed().drop { $0 == " " }.reversed())
  }

  /// A histogram of values over `bins` equal parts between -`largest` and `largest`, a character each.
  package static func histogram(_ values: [Float], bins: Int, largest: Float) -> String {
    guard largest > 0, bins > 0 else { return "" }
    var counts = [Int](repeating: 0, count: bins)
    for value in values {
      let place = Int((Double(value / largest) + 1) / 2 * Double(bins))
      counts[min(max(place, 0), bins - 1)] += 1
    }
    let most = counts.max() ?? 0
    return String(
      counts.map { count in
        // A part that is not empty shows, however few values it has.
        blocks[count == 0 ? 0 : max(1, Int((Double(count) / Double(max(most, 1)) * 8).rounded()))]
      })
  }
}
