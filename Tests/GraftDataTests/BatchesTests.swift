import GraftData
import GraftMatrices
import NumericChecks
import Testing

@Suite struct BatchesTests {
  private func labels(_ count: Int, classes: Int = 5) -> [Int] {
    var stream = RandomStream(RandomKey(seed: 1, purpose: .bootstrap))
    return (0..<count).map { _ in stream.integer(below: classes) }
  }

  private let key = RandomKey(seed: 4, purpose: .shuffle, index: 2)

  @Test(
    "an epoch visits every example once, in whole batches and a short last one", arguments: [0, 1, 7, 8, 9, 64, 100],
    [1, 8, 64])
  func permutation(count: Int, size: Int) {
    let labels = labels(count)
    for key in [key, nil] {
      let batches = Batches(of: labels, size: size, shuffledBy: key)
      #expect(batches.order.count == count && batches.order.sorted() == Array(0..<count))
      #expect(batches.labels == batches.order.map { labels[$0] })
      #expect(batches.size == size && batches.count == (count + size - 1) / size)
      let ranges = (0..<batches.count).map { batches[$0] }
      #expect(ranges.flatMap { Array($0) } == Array(0..<count))
      #expect(ranges.dropLast().allSatisfy { $0.count == size })
      if let last = ranges.last { #expect(last.count == (count - 1) % size + 1) }
    }
  }

  @Test(
    "within a batch the examples are sorted by label, equals in the order of the shuffle", arguments: [1, 2, 8, 33])
  func sorted(size: Int) {
    let labels = labels(100)
    let batches = Batches(of: labels, size: size, shuffledBy: key)
    var shuffled = Array(0..<100)
    var stream = RandomStream(key)
    stream.shuffle(&shuffled)
    for index in 0..<batches.count {
      let range = batches[index]
      let drawn = Array(shuffled[range])
      let expected = (0..<5).flatMap { label in drawn.filter { labels[$0] == label } }
      #expect(Array(batches.order[range]) == expected)
    }
  }

  @Test("without a key the batches are those of the examples' own order")
  func unshuffled() {
    let same = [Int](repeating: 0, count: 10)
    #expect(Batches(of: same, size: 4, shuffledBy: nil).order == Array(0..<10))
    #expect(Batches(of: [1, 0, 1, 0, 0], size: 3, shuffledBy: nil).order == [1, 0, 2, 3, 4])
  }

  @Test("the same key gives the same order, another key another one")
  func keys() {
    let labels = labels(50)
    let order = { (index: Int, seed: UInt64) in
      Batches(of: labels, size: 8, shuffledBy: RandomKey(seed: seed, purpose: .shuffle, index: index)).order
    }
    #expect(order(0, 1) == order(0, 1))
    #expect(Set([order(0, 1), order(1, 1), order(0, 2)]).count == 3)
  }
}
