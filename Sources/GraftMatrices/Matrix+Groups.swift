extension Matrix {
  /// A row in Double.
  package func doubles(ofRow row: Int) -> [Double] {
    precondition(row >= 0 && row < rows)
    return block.withFloats { base in (0..<columns).map { column in Double(base[row * stride + column]) } }
  }

  /// The sum of the rows of each group, `origin` subtracted from every row, [groups × columns].
  ///
  /// If one of the rows is the origin, constant columns give zeros to the bit.
  ///
  /// - Parameter groups: The group of each row, in `0..<count`.
  /// - Complexity: O(rows × columns), in Double.
  package func sums(ofGroups groups: [Int], count: Int, minus origin: [Double]) -> [[Double]] {
    let (columns, stride) = (columns, stride)
    precondition(groups.count == rows && origin.count == columns && groups.allSatisfy { $0 >= 0 && $0 < count })
    var sums = [Double](repeating: 0, count: count * columns)
    block.withFloats { base in
      origin.withUnsafeBufferPointer { origin in
        sums.withUnsafeMutableBufferPointer { sums in
          guard let start = sums.baseAddress, let origin = origin.baseAddress else { return }
          for row in 0..<rows {
            let line = base + row * stride
            let sum = start + groups[row] * columns
            for column in 0..<columns { sum[column] += Double(line[column]) - origin[column] }
          }
        }
      }
    }
    return (0..<count).map { Array(sums[$0 * columns..<($0 + 1) * columns]) }
  }

  /// The squared Euclidean distance of each row to each of the `centres`, row by row, [rows × centres].
  ///
  /// Computed difference by difference in Double, not from ‖x‖² - 2x·c + ‖c‖², so equal distances come out equal.
  ///
  /// - Complexity: O(rows × columns × centres).
  package func squaredDistances(to centres: [[Double]]) -> [Double] {
    let (columns, count) = (columns, centres.count)
    precondition(centres.allSatisfy { $0.count == columns })
    // Column by column, so that the innermost loop runs over independent sums.
    var turned = [Double](repeating: 0, count: columns * count)
    for (place, centre) in centres.enumerated() {
      for (column, value) in centre.enumerated() { turned[column * count + place] = value }
    }
    var distances = [Double](repeating: 0, count: rows * count)
    block.withFloats { base in
      turned.withUnsafeBufferPointer { turned in
        distances.withUnsafeMutableBufferPointer { distances in
          guard let turned = turned.baseAddress, let start = distances.baseAddress else { return }
          for row in 0..<rows {
            let line = base + row * stride
            let sum = start + row * count
            for column in 0..<columns {
              let value = Double(line[column])
              let centre = turned + column * count
              for place in 0..<count {
                let difference = value - centre[place]
                sum[place] += difference * difference
              }
            }
          }
        }
      }
    }
    return distances
  }
}
