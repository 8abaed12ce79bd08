extension Matrix {
  /// Adds each column's sum to `sums` and the sum of its squares to `squares`.
  ///
  /// - Complexity: O(rows × columns), in Double.
  package func addMoments(to sums: inout [Double], squares: inout [Double]) {
    precondition(sums.count == columns && squares.count == columns)
    block.withFloats { base in
      for row in 0..<rows {
        let line = base + row * stride
        for column in 0..<columns {
          let value = Double(line[column])
          sums[column] += value
          squares[column] += value * value
        }
      }
    }
  }
}
