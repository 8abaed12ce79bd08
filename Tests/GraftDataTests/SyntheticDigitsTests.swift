import GraftData
import GraftMatrices
import Testing

@Suite struct SyntheticDigitsTests {
  /// Large enough for several chunks, small enough for a moment.
  private static let pair = DatasetPair.syntheticDigits(train: 2000, test: 500, threads: 2)

  private let side = 28

  // MARK: The same bytes everywhere

  @Test("the images do not depend on threads, and a second call makes them again")
  func threads() {
    for threads in [1, 2, 3] {
      let again = DatasetPair.syntheticDigits(train: 1100, test: 501, threads: threads)
      #expect(again.train == Self.pair.train.selecting(images: Array(0..<1100)))
      #expect(again.test.selecting(images: Array(0..<500)) == Self.pair.test)
      #expect(again.test.count == 501)
    }
  }

  /// Printed by this very program on x86-64 Linux; other platforms must agree, since only exactly rounded operations
  /// are used. A change of the stroke models, the amounts or the order of draws changes it, and every result on
  /// synthetic digits with it: say so in the change log.
  @Test("200 images have the bytes that they always had")
  func golden() {
    let pair = DatasetPair.syntheticDigits(seed: 2024, train: 150, test: 50, threads: 1)
    #expect(pair.train.digest == "256ea18dcc5f5c229a5a09cf329c95ccb8552ae2fc07a6f5efe5a177b2b50914")
    #expect(pair.test.digest == "6b55b0fba2bee5ec2327b41d30b12f31bc54377088e44e7dabe311139584976b")
  }

  @Test("a smaller set is the beginning of a larger one", arguments: [0, 1, 100, 499, 500, 501])
  func prefix(count: Int) {
    let small = DatasetPair.syntheticDigits(train: count, test: count / 2, threads: 2)
    #expect(small.train == Self.pair.train.selecting(images: Array(0..<count)))
    #expect(small.test == Self.pair.test.selecting(images: Array(0..<count / 2)))
  }

  @Test("another seed makes other images, also where only its upper half differs")
  func seeds() {
    let images = [0, 1, 1 << 32].map { seed in
      DatasetPair.syntheticDigits(seed: seed, train: 200, test: 0, threads: 1).train
    }
    for (first, second) in [(0, 1), (0, 2), (1, 2)] {
      let shared = Set((0..<200).map { Array(images[first].image($0)) })
        .intersection((0..<200).map { Array(images[second].image($0)) })
      #expect(shared.isEmpty)
      #expect(images[first].labels != images[second].labels)
    }
  }

  @Test("no image occurs twice, neither within a part nor in both")
  func disjoint() {
    let parts = [Self.pair.train, Self.pair.test]
    let images = parts.flatMap { part in (0..<part.count).map { Array(part.image($0)) } }
    #expect(Set(images).count == 2500)
  }

  // MARK: Like MNIST

  @Test("names, shape and classes are those of a set of digits")
  func description() {
    for part in [Self.pair.train, Self.pair.test] {
      #expect(part.name == "synthetic")
      #expect(part.shape == .mnist)
      #expect(part.classNames == ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"])
    }
  }

  @Test("each digit occurs about as often as in MNIST")
  func frequencies() {
    let counts = Self.pair.train.countsPerClass
    let published = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    for (count, published) in zip(counts, published) {
      let expected = Double(published) / 30
      #expect(abs(Double(count) - expected) < 4.5 * expected.squareRoot())
    }
    #expect(Self.pair.test.countsPerClass.allSatisfy { $0 > 25 })
  }

  @Test("every image has ink: a box of about 20 pixels, its mass near the middle, nothing at the border")
  func placement() {
    let part = Self.pair.train
    for index in 0..<part.count {
      let image = Array(part.image(index))
      let lit = image.indices.filter { image[$0] > 0 }
      let rows = lit.map { $0 / side }
      let columns = lit.map { $0 % side }
      guard let top = rows.min(), let bottom = rows.max(), let left = columns.min(), let right = columns.max() else {
        Issue.record("image \(index) is empty")
        continue
      }
      #expect((0.03...0.5).contains(Double(lit.count) / 784), "lit pixels of image \(index)")
      #expect((18...22).contains(max(bottom - top, right - left) + 1), "size of image \(index)")
      #expect((image.max() ?? 0) >= 120, "darkest pixel of image \(index)")
      let mass = lit.reduce(0.0) { $0 + Double(image[$1]) }
      let x = lit.reduce(0.0) { $0 + Double(image[$1]) * Double($1 % side) } / mass
      let y = lit.reduce(0.0) { $0 + Double(image[$1]) * Double($1 / side) } / mass
      #expect(abs(x - 14) < 3 && abs(y - 14) < 3, "centre of mass of image \(index): \(x), \(y)")
      let border = lit.filter { [0, side - 1].contains($0 / side) || [0, side - 1].contains($0 % side) }
      let cut = border.reduce(0.0) { $0 + Double(image[$1]) }
      #expect(cut < 0.02 * mass, "ink at the border of image \(index)")
    }
  }

  /// MNIST's training set: 19.1 % of the pixels lit, mean 0.131, standard deviation 0.308, and 62 % of the lit pixels
  /// grey (below 250).
  @Test("ink and grey levels are near MNIST's")
  func density() {
    let pixels = Self.pair.train.pixels
    let count = Double(pixels.count)
    let lit = Double(pixels.count { $0 > 0 })
    let full = Double(pixels.count { $0 >= 250 })
    let mean = pixels.reduce(0.0) { $0 + Double($1) } / 255 / count
    let square = pixels.reduce(0.0) { $0 + Double($1) * Double($1) } / 65025 / count
    #expect((0.17...0.21).contains(lit / count))
    #expect((0.12...0.15).contains(mean))
    #expect((0.29...0.33).contains((square - mean * mean).squareRoot()))
    #expect((0.45...0.70).contains(1 - full / lit))
  }

  // MARK: Neither trivial nor noise

  /// The same classifier finds about 80 % on MNIST.
  @Test("the nearest class mean is right for 60 to 92 % of the test images")
  func nearestMean() {
    let (train, test) = (Self.pair.train, Self.pair.test)
    var means = Array(repeating: Array(repeating: 0.0, count: 784), count: 10)
    let counts = train.countsPerClass
    for index in 0..<train.count {
      let label = Int(train.labels[index])
      for (pixel, value) in train.image(index).enumerated() {
        means[label][pixel] += Double(value) / Double(counts[label])
      }
    }
    var correct = 0
    for index in 0..<test.count {
      let image = test.image(index).map(Double.init)
      let distances = means.map { mean in zip(mean, image).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }
      let nearest = distances.indices.min { distances[$0] < distances[$1] }
      if nearest == Int(test.labels[index]) { correct += 1 }
    }
    #expect((300...460).contains(correct), "\(correct) of 500")
  }
}
