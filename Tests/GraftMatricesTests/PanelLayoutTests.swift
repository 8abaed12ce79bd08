import GraftKernelCalls
import Testing

@Suite struct PanelLayoutTests {
  struct Shape: Sendable, CustomTestStringConvertible {
    let rows: Int
    let columns: Int
    let panels: Int
    let footprint: Int
    var testDescription: String { "\(rows) x \(columns)" }
  }

  static let shapes = [
    Shape(rows: 2, columns: 1, panels: 1, footprint: 32), Shape(rows: 2, columns: 16, panels: 1, footprint: 32),
    Shape(rows: 3, columns: 17, panels: 1, footprint: 128), Shape(rows: 4, columns: 33, panels: 2, footprint: 256),
    Shape(rows: 784, columns: 500, panels: 16, footprint: 401_408),
  ]

  @Test("panels of 16 or 32 columns, rows padded to pairs, a single row not", arguments: shapes)
  func sizes(shape: Shape) {
    let layout = PanelLayout(offset: 48, rows: shape.rows, columns: shape.columns)
    #expect(layout.panels == shape.panels && layout.footprint == shape.footprint)
  }

  @Test("every element has a place of its own inside the footprint", arguments: shapes)
  func places(shape: Shape) {
    let layout = PanelLayout(offset: 48, rows: shape.rows, columns: shape.columns)
    let places = Set((0..<shape.rows).flatMap { row in (0..<shape.columns).map { layout.index(row, $0) } })
    #expect(places.count == shape.rows * shape.columns)
    #expect(places.allSatisfy { $0 >= 48 && $0 < 48 + shape.footprint })
  }

  @Test("a vector is one row without gaps")
  func vector() {
    let layout = PanelLayout(offset: 16, vectorOf: 500)
    #expect(layout.footprint == 512 && (0..<500).allSatisfy { layout.index(0, $0) == 16 + $0 })
  }

  @Test("down a panel, row follows row")
  func neighbours() {
    let layout = PanelLayout(rows: 10, columns: 100)
    #expect(layout.index(4, 40) == layout.index(3, 40) + 32 && layout.index(0, 32) == layout.panelStride)
  }
}
