import Datasets
import Files
import Matrices
import Testing

@Suite("Built-in synthetic digits")
struct SyntheticDigitsTests {
  /// Enough for every promise but the nearest means.
  static let small = DatasetPair.syntheticDigits(train: 1_200, test: 600, threads: 2)

  @Test("are the same bytes at any number of threads, on every machine")
  func deterministic() {
    for threads in [1, 3] {
      let again = DatasetPair.syntheticDigits(train: 1_200, test: 600, threads: threads)
      #expect(again.train == Self.small.train)
      #expect(again.test == Self.small.test)
    }
    #expect(Self.small.train.digest == "0eca4cbfd90a492c0f263a8d7edc75e1d19dc64d7e5f700b1d7aaeef799377b7")
  }

  @Test("a smaller set is the beginning of a larger one; another seed draws others")
  func prefix() {
    let fewer = DatasetPair.syntheticDigits(train: 100, test: 10, threads: 1)
    #expect(fewer.train == Self.small.train.selecting(images: Array(0..<100)))
    #expect(fewer.test == Self.small.test.selecting(images: Array(0..<10)))
    let other = DatasetPair.syntheticDigits(seed: 1, train: 100, test: 10, threads: 1)
    #expect(other.train.pixels != fewer.train.pixels)
  }

  @Test("no test image is a training image")
  func disjoint() {
    let train = Set((0..<Self.small.train.count).map { Array(Self.small.train.image($0)) })
    #expect(train.count == Self.small.train.count, "training images repeat")
    #expect(!(0..<Self.small.test.count).contains { train.contains(Array(Self.small.test.image($0))) })
  }

  @Test("look like MNIST's in the large: ink, density, place, and how often each digit comes")
  func appearance() {
    let data = Self.small.train
    #expect(data.countsPerClass.allSatisfy { $0 > 80 && $0 < 170 }, "\(data.countsPerClass)")
    let lit = Double(data.pixels.count { $0 > 0 }) / Double(data.pixels.count)
    #expect(lit > 0.15 && lit < 0.23, "\(lit)")
    for index in 0..<data.count {
      let image = Array(data.image(index))
      let mass = image.reduce(0) { $0 + Int($1) }
      #expect(mass > 255 * 8, "image \(index) has hardly any ink")
      var (x, y) = (0, 0)
      for place in image.indices {
        x += Int(image[place]) * (place % 28)
        y += Int(image[place]) * (place / 28)
      }
      let centre = (Double(x) / Double(mass), Double(y) / Double(mass))
      #expect(abs(centre.0 - 13.5) < 3 && abs(centre.1 - 13.5) < 3, "image \(index) lies at \(centre)")
    }
  }

  /// The nearest class mean is a classifier that a child could explain: digits too easy would leave it nothing to get wrong.
  @Test("are neither trivial nor noise to the nearest class mean")
  func difficulty() {
    let data = DatasetPair.syntheticDigits(train: 2_000, test: 500, threads: 2)
    var sums = Array(repeating: Array(repeating: 0.0, count: 784), count: 10)
    for index in 0..<data.train.count {
      let label = Int(data.train.labels[index])
      for (place, byte) in data.train.image(index).enumerated() { sums[label][place] += Double(byte) }
    }
    let counts = data.train.countsPerClass
    let means = sums.indices.map { label in sums[label].map { $0 / Double(counts[label]) } }
    let right = (0..<data.test.count).count { index in
      let image = data.test.image(index).map(Double.init)
      let distances = means.map { mean in zip(image, mean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }
      return distances.indices.min { distances[$0] < distances[$1] } == Int(data.test.labels[index])
    }
    #expect(right > 300 && right < 460, "\(right) of 500")
  }
}
