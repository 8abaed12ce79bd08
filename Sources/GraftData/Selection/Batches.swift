import GraftMatrices

/// The order in which one epoch visits the examples, cut into batches; the last one may be short.
///
/// Within a batch the examples are ordered by label. The mathematics does not change (a batch is a set), and images of
/// one class light the same pixels: the weights that one image needs are still in the cache for the next.
public struct Batches: Sendable {
  /// Number of examples per batch.
  package let size: Int
  /// Indices of all examples, batch after batch.
  public let order: [Int]
  /// Labels of the examples, in the same order.
  public let labels: [Int]

  /// Shuffles the examples and cuts them into batches.
  ///
  /// - Parameters:
  ///   - labels: One label per example.
  ///   - size: Number of examples per batch, at least 1.
  ///   - key: The random numbers for the shuffle; nil keeps the order of the examples.
  /// - Complexity: O(examples + batches × classes).
  public init(of labels: [Int], size: Int, shuffledBy key: RandomKey?) {
    precondition(size > 0)
    self.size = size
    var order = Array(labels.indices)
    if let key {
      var stream = RandomStream(key)
      stream.shuffle(&order)
    }
    self.order = Batches.grouped(order, by: labels, in: size)
    self.labels = self.order.map { labels[$0] }
  }

  /// Sorts each batch by label and keeps the order of equals (a counting sort).
  private static func grouped(_ order: [Int], by labels: [Int], in size: Int) -> [Int] {
    let classes = (labels.max() ?? 0) + 1
    var starts = Array(repeating: 0, count: classes + 1)
    var result = order
    for start in stride(from: 0, to: order.count, by: size) {
      let end = min(start + size, order.count)
      for index in starts.indices { starts[index] = 0 }
      for place in start..<end { starts[labels[order[place]] + 1] += 1 }
      for label in 0..<classes { starts[label + 1] += starts[label] }
      for place in start..<end {
        let label = labels[order[place]]
        result[start + starts[label]] = order[place]
        starts[label] += 1
      }
    }
    return result
  }

  /// Number of batches in the epoch.
  public var count: Int { (order.count + size - 1) / size }

  /// The range of batch `index` in ``order``.
  public subscript(index: Int) -> Range<Int> { index * size..<min((index + 1) * size, order.count) }
}
