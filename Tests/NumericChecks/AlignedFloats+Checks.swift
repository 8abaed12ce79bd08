import Matrices

extension AlignedFloats {
  /// Where the memory is: the same before and after a change that copied nothing.
  package var address: UInt { withFloats { UInt(bitPattern: $0) } }

  /// Every float with its padding from the start of `layout` to its end.
  package func floats(of layout: MatrixLayout) -> [Float] {
    withFloats { floats in (layout.offset..<layout.offset + layout.footprint).map { floats[$0] } }
  }

  /// The floats of the padding of `layout`: behind the columns of each row, and rows behind the last.
  package func padding(of layout: MatrixLayout) -> [Float] {
    let all = floats(of: layout)
    return all.indices.filter { $0 % layout.stride >= layout.columns || $0 / layout.stride >= layout.rows }.map {
      all[$0]
    }
  }

  /// The matrix at `layout`, without padding.
  package func matrix(at layout: MatrixLayout) -> [[Float]] {
    (0..<layout.rows).map { row in (0..<layout.columns).map { self[layout.index(row, $0)] } }
  }

  /// Writes a matrix to `layout`.
  package mutating func set(_ values: [[Float]], at layout: MatrixLayout) {
    for (row, line) in values.enumerated() {
      for (column, value) in line.enumerated() { self[layout.index(row, column)] = value }
    }
  }
}
