import GraftMatrices
import Synchronization

extension DatasetPair {
  /// Makes digits that look handwritten from stroke models, for use without data and network.
  ///
  /// They are 28 × 28 grey pixels laid out like MNIST's, with each digit as frequent as in MNIST's training set. Image
  /// `index` of a part depends on the seed, the part and the index alone: the same bytes at any number of threads and
  /// on any machine, and a smaller set is the beginning of a larger one.
  ///
  /// - Parameters:
  ///   - train: Number of training images, fewer than 2³¹.
  ///   - test: Number of test images, fewer than 2³¹; they are drawn from numbers that no training image sees.
  ///   - threads: Number of threads that draw them.
  package static func syntheticDigits(
    seed: UInt64 = 0, train: Int = 60_000, test: Int = 10_000, threads: Int
  ) -> DatasetPair {
    let digits = SyntheticDigits(seed: seed)
    return DatasetPair(
      train: digits.dataset(.train, count: train, threads: threads),
      test: digits.dataset(.test, count: test, threads: threads))
  }
}

/// A generator of synthetic digits.
struct SyntheticDigits: Sendable {
  enum Part: Int { case train, test }

  let seed: UInt64
  var hand = Handwriting()

  init(seed: UInt64) { self.seed = seed }

  /// Number of images of each digit among MNIST's 60,000 for training.
  static let frequencies = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]

  /// Number of images that one job draws: fixed, so that the number of threads changes nothing.
  private static let chunk = 500

  func dataset(_ part: Part, count: Int, threads: Int) -> Dataset {
    precondition(count >= 0 && count < 1 << 31)
    let chunks = Mutex<[Int: Chunk]>([:])
    let starts = Array(stride(from: 0, to: count, by: Self.chunk))
    let make = { @Sendable (start: Int) in
      Chunk(images: start..<min(start + Self.chunk, count), of: part, by: self)
    }
    let jobs = starts.map { start in
      WorkerPool.Job {
        let chunk = make(start)
        chunks.withLock { $0[start] = chunk }
      }
    }
    // No job throws; a chunk that is missing all the same is drawn here.
    try? WorkerPool(threads: threads).run(jobs)
    let made = chunks.withLock { $0 }
    var pixels: [UInt8] = []
    var labels: [Int] = []
    pixels.reserveCapacity(count * ImageShape.mnist.count)
    labels.reserveCapacity(count)
    for start in starts {
      let chunk = made[start] ?? make(start)
      pixels += chunk.pixels
      labels += chunk.labels
    }
    return Dataset(
      name: "synthetic", shape: .mnist, classNames: (0...9).map(String.init), pixels: pixels, labels: labels)
  }

  /// A run of images of one part.
  private struct Chunk: Sendable {
    var pixels: [UInt8] = []
    var labels: [Int] = []

    init(images: Range<Int>, of part: Part, by digits: SyntheticDigits) {
      var desk = WritingDesk(hand: digits.hand)
      pixels.reserveCapacity(images.count * ImageShape.mnist.count)
      labels.reserveCapacity(images.count)
      for index in images {
        // Training images have the even streams and test images the odd ones.
        let key = RandomKey(seed: digits.seed, purpose: .syntheticDigits, index: 2 * index + part.rawValue)
        var stream = RandomStream(key)
        let label = SyntheticDigits.label(from: &stream)
        desk.write(label, from: &stream)
        desk.appendPixels(to: &pixels)
        labels.append(label)
      }
    }
  }

  /// Draws a digit with its frequency in MNIST.
  private static func label(from stream: inout RandomStream) -> Int {
    choice(among: frequencies, from: &stream)
  }

  /// Draws an index with a probability in proportion to its weight.
  static func choice(among weights: [Int], from stream: inout RandomStream) -> Int {
    var rest = stream.integer(below: weights.reduce(0, +))
    for (index, weight) in weights.enumerated() {
      if rest < weight { return index }
      rest -= weight
    }
    return weights.count - 1
  }
}
