/// The non-decreasing sequence nearest to the given one in the sum of squares.
///
/// Pool adjacent violators: neighbours in the wrong order are replaced by their mean until none are left (Barlow,
/// Bartholomew, Bremner and Brunk, "Statistical Inference under Order Restrictions", 1972, §1.2). The end does not
/// depend on the order of pooling.
public enum IsotonicRegression {
  public static func nonDecreasing(_ values: [Double]) -> [Double] {
    var blocks: [(sum: Double, count: Int)] = []
    for value in values {
      var block = (sum: value, count: 1)
      while let last = blocks.last, last.sum / Double(last.count) > block.sum / Double(block.count) {
        blocks.removeLast()
        block = (last.sum + block.sum, last.count + block.count)
      }
      blocks.append(block)
    }
    return blocks.flatMap { Array(repeating: $0.sum / Double($0.count), count: $0.count) }
  }
}
