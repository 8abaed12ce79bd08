import Testing

@testable import GraftData

@Suite("Test images set aside")
struct StratifiedSplitTests {
  @Test("each class gives its share, rounded, and at least one image to each side")
  func shares() {
    let labels = [Int](repeating: 0, count: 100) + [Int](repeating: 1, count: 13) + [2, 2] + [3]
    for (fraction, expected) in [(0.2, [20, 3, 1, 0]), (0, [1, 1, 1, 0]), (1, [99, 12, 1, 0])] {
      let split = StratifiedSplit(labels, fraction: fraction, seed: 3)
      #expect((0..<4).map { label in split.test.count { labels[$0] == label } } == expected)
      #expect((split.train + split.test).sorted() == Array(labels.indices))
      #expect(split.train == split.train.sorted() && split.test == split.test.sorted())
    }
  }

  @Test("the draw is the seed's, and a class's draw is its own")
  func seeds() {
    let labels = (0..<100).map { $0 % 2 }
    let split = StratifiedSplit(labels, fraction: 0.3, seed: 1)
    #expect(split.test == StratifiedSplit(labels, fraction: 0.3, seed: 1).test)
    #expect(split.test != StratifiedSplit(labels, fraction: 0.3, seed: 2).test)
    // A larger share has the images of a smaller one.
    #expect(Set(split.test).isSuperset(of: StratifiedSplit(labels, fraction: 0.1, seed: 1).test))
    let more = StratifiedSplit(labels + [Int](repeating: 2, count: 50), fraction: 0.3, seed: 1)
    #expect(more.test.filter { $0 < 100 } == split.test)
  }
}
