/// Isotonic regression: the non-decreasing sequence nearest to a given one in the sum of squares.
///
/// Pool adjacent violators: neighbours in the wrong order are replaced by their mean until none are left (Barlow,
/// Bartholomew, Bremner and Brunk, "Statistical Inference under Order Restrictions", 1972, §1.2). The end does not
/// depend on the order of pooling.
package enum IsotonicRegression {
  /// The non-decreasing sequence nearest to `values`.
  package static func nonDecreasing(_ values: [Double]) -> [Double] {
    blocks(values).flatMap { block in
      Array(repeating: values[block].reduce(0, +) / Double(block.count), count: block.count)
    }
  }

  /// The neighbours that are pooled, in order; a value that stays as it is makes a block of its own.
  static func blocks(_ values: [Double]) -> [Range<Int>] {
    var blocks: [(range: Range<Int>, sum: Double)] = []
    for (index, value) in values.enumerated() {
      var block = (range: index..<index + 1, sum: value)
      while let last = blocks.last, last.sum / Double(last.range.count) > block.sum / Double(block.range.count) {
        blocks.removeLast()
        block = (last.range.lowerBound..<block.range.upperBound, last.sum + block.sum)
      }
      blocks.append(block)
    }
    return blocks.map(\.range)
  }
}
