extension Matrix {
  /// Writes `rows` of a sparse matrix, each element to the place that `places` names for its column, and sets all else to zero.
  package mutating func scatter(_ rows: ArraySlice<Int>, of source: SparseRows, to places: [Int]) {
    precondition(places.count == source.columns && rows.count <= self.rows && (places.max() ?? 0) < columns)
    let stride = stride
    block.withMutableFloats { to in
      for (place, row) in rows.enumerated() {
        let target = to + place * stride
        target.update(repeating: 0, count: stride)
        for entry in source.offsets[row]..<source.offsets[row + 1] {
          target[places[Int(source.columnIndices[entry])]] = source.values[entry]
        }
      }
    }
  }

  /// Writes `rows` of a dense matrix in the same way, except that places which no column names keep their zeros.
  package mutating func scatter(_ rows: ArraySlice<Int>, of source: Matrix, to places: [Int]) {
    precondition(places.count == source.columns && rows.count <= self.rows && (places.max() ?? 0) < columns)
    for (place, row) in rows.enumerated() {
      precondition(row >= 0 && row < source.rows)
      source.block.withFloats { from in
        block.withMutableFloats { to in
          let (line, target) = (from + row * source.stride, to + place * stride)
          for (column, index) in places.enumerated() { target[index] = line[column] }
        }
      }
    }
  }

  /// The columns in another order: column `i` of the result is column `places[i]` of this matrix.
  package func selecting(columns places: [Int]) -> Matrix {
    precondition(places.allSatisfy { $0 >= 0 && $0 < columns })
    var result = Matrix(rows: rows, columns: places.count)
    let target = result.stride
    block.withFloats { from in
      result.block.withMutableFloats { to in
        for row in 0..<rows {
          for (column, place) in places.enumerated() { to[row * target + column] = from[row * stride + place] }
        }
      }
    }
    return result
  }
}
