/// A grey picture of floating-point values instead of bytes, small enough to be examined several times.
struct GreyMap: Sendable {
  let height: Int
  let width: Int
  /// The values, row by row.
  var values: [Double]

  init(height: Int, width: Int, values: [Double]) {
    precondition(values.count == height * width)
    (self.height, self.width, self.values) = (height, width, values)
  }

  /// The picture with blocks of pixels averaged so that no side is longer than `side`.
  ///
  /// - Parameter pixels: [height × width], one byte each.
  init(_ pixels: [UInt8], height: Int, width: Int, longestSide side: Int) {
    precondition(pixels.count == height * width && height > 0 && width > 0)
    let block = (max(height, width) + side - 1) / side
    (self.height, self.width) = ((height + block - 1) / block, (width + block - 1) / block)
    values = []
    values.reserveCapacity(self.height * self.width)
    for top in stride(from: 0, to: height, by: block) {
      let rows = top..<min(top + block, height)
      for left in stride(from: 0, to: width, by: block) {
        let columns = left..<min(left + block, width)
        var sum = 0
        for row in rows { for column in columns { sum += Int(pixels[row * width + column]) } }
        values.append(Double(sum) / Double(rows.count * columns.count))
      }
    }
  }

  var longestSide: Int { max(height, width) }

  subscript(row: Int, column: Int) -> Double { values[row * width + column] }

  /// The same picture with dark and bright exchanged.
  var inverted: GreyMap { GreyMap(height: height, width: width, values: values.map { 255 - $0 }) }

  /// The value that `share` of all values do not exceed, in sixteenths; values below zero count as zero.
  func quantile(_ share: Double) -> Double {
    var counts = [Int](repeating: 0, count: 256 * 16)
    for value in values { counts[min(max(Int(value * 16), 0), counts.count - 1)] += 1 }
    var seen = 0
    for (place, count) in counts.enumerated() {
      seen += count
      if Double(seen) > share * Double(values.count) { return Double(place) / 16 }
    }
    return 255
  }

  /// The picture with less grain: each value is averaged with its eight neighbours, nearer ones weighted more (1 2 1 in
  /// both directions).
  var smoothed: GreyMap {
    func pass(_ source: [Double], _ step: Int, _ place: (Int) -> Int, _ length: Int) -> [Double] {
      source.indices.map { index in
        let before = place(index) > 0 ? source[index - step] : source[index]
        let after = place(index) + 1 < length ? source[index + step] : source[index]
        return (before + 2 * source[index] + after) / 4
      }
    }
    let rows = pass(values, 1, { $0 % width }, width)
    return GreyMap(height: height, width: width, values: pass(rows, width, { $0 / width }, height))
  }

  /// Sums over the rectangle of `radius` pixels around each pixel, cut off at the picture's border.
  func sums(radius: Int) -> [Double] {
    // A table of the sums above and to the left of each corner: Crow, "Summed-Area Tables for Texture Mapping", SIGGRAPH 1984.
    let stride = width + 1
    var table = [Double](repeating: 0, count: (height + 1) * stride)
    for row in 0..<height {
      var sum = 0.0
      for column in 0..<width {
        sum += values[row * width + column]
        table[(row + 1) * stride + column + 1] = table[row * stride + column + 1] + sum
      }
    }
    return values.indices.map { index in
      let (row, column) = (index / width, index % width)
      let (top, bottom) = (max(0, row - radius), min(height, row + radius + 1))
      let (left, right) = (max(0, column - radius), min(width, column + radius + 1))
      return table[bottom * stride + right] - table[top * stride + right] - table[bottom * stride + left]
        + table[top * stride + left]
    }
  }
}
