import GraftKernelCalls
import GraftMatrices

extension AlignedFloats {
  /// Where the memory is: the same before and after a change that copied nothing.
  package var address: UInt { withFloats { UInt(bitPattern: $0) } }

  /// Every float with its padding from the start of `layout` to its end.
  package func floats(of layout: PanelLayout) -> [Float] {
    withFloats { floats in (layout.offset..<layout.offset + layout.footprint).map { floats[$0] } }
  }

  /// The floats of the padding of `layout`: behind the columns of each row, and rows behind the last.
  package func padding(of layout: PanelLayout) -> [Float] {
    let elements = Set(
      (0..<layout.rows).flatMap { row in (0..<layout.columns).map { layout.index(row, $0) - layout.offset } })
    return floats(of: layout).enumerated().filter { !elements.contains($0.offset) }.map(\.element)
  }

  /// The matrix at `layout`, without padding.
  package func matrix(at layout: PanelLayout) -> [[Float]] {
    (0..<layout.rows).map { row in (0..<layout.columns).map { self[layout.index(row, $0)] } }
  }

  /// Writes a matrix to `layout`.
  package mutating func set(_ values: [[Float]], at layout: PanelLayout) {
    for (row, line) in values.enumerated() {
      for (column, value) in line.enumerated() { self[layout.index(row, column)] = value }
    }
  }
}

extension Matrix {
  /// What is behind the columns of the first `rows` rows, up to whole vectors of 16.
  package func padding(rows: Int) -> [Float] {
    block.withFloats { floats in
      (0..<rows).flatMap { row in (columns..<(columns + 15) & ~15).map { floats[row * stride + $0] } }
    }
  }
}
