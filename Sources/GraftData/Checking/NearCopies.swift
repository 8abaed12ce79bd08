import Foundation
import GraftFiles
import GraftMatrices
import GraftPictures

/// The test images that are nearly training images: the same picture in another size, quality or brightness.
///
/// Three steps, each narrower than the one before. First, difference hashes differ in at most 7 of 128 bits. Second,
/// the 128 differences are proportional, or nearly: their correlation does not change if a picture gets brighter or
/// gains contrast. Third, so are all differences of neighbouring pixels, of images at up to 32 × 32, beyond what plain
/// images have in common.
///
/// The evidence of a correlation r over n differences is atanh(r) √n, by R. A. Fisher's transform (1915). The
/// differences that count are far fewer than the pixels in plain images: n is their participation ratio, (Σ d²)² / Σ
/// d⁴. Among the pairs of MNIST's test and training images the largest evidence is 16, at r = 0.88. Copies of
/// photographs have 30 and more, and unrelated photographs less than 10.
struct NearCopies: Sendable {
  /// A test image with the training image that it is most like.
  struct Match: Sendable, Hashable {
    let test: Int
    let train: Int
    /// The evidence that they are copies.
    let evidence: Float
  }

  /// The matches in the order of the test images.
  let matches: [Match]

  /// The most bits in which hashes of near copies differ.
  static let mostBits = 7
  /// The least correlation of the 128 differences.
  static let leastCorrelation: Float = 0.9
  /// The least evidence from the differences of neighbouring pixels.
  static let leastEvidence: Float = 20
  /// Rows and columns to which larger images are brought for the last step.
  static let largestSide = 32
  /// Training images that pass on to the last step, for each test image.
  private static let mostCandidates = 8
  /// Hashes that are compared in one part at most, over all test images: plain images may share a part by the
  /// thousands.
  private static let mostComparisons = 40_000_000
  /// From this share of the test images on, near copies change what is measured.
  static let notableShare = 0.005

  /// Compares each test image with the training images.
  ///
  /// - Parameters:
  ///   - known: Test images that are left out, because they are known to be copies.
  ///   - threads: Cores to take; no result depends on it.
  init(_ pair: DatasetPair, besides known: Set<Int>, threads: Int) {
    let shape = pair.train.shape
    // Other numbers of channels are no colours, and smaller images have no nine rows to compare.
    guard shape == pair.test.shape, [1, 3].contains(shape.channels), pair.train.count > 0, pair.test.count > 0,
      min(shape.height, shape.width) >= DifferenceHash.side,
      max(shape.height, shape.width) <= Dataset.largestSide
    else {
      matches = []
      return
    }
    let train = CoarseImages(pair.train, threads: threads)
    let test = CoarseImages(pair.test, threads: threads)
    let candidates = NearCopies.candidates(train, test, besides: known)
    matches = NearCopies.confirmed(candidates, in: pair)
  }

  /// For each test image the training images with the nearest coarse differences.
  private static func candidates(_ train: CoarseImages, _ test: CoarseImages, besides known: Set<Int>) -> [[Int]] {
    var found = [[(train: Int, correlation: Float)]](repeating: [], count: test.hashes.count)
    let limit = max(mostComparisons / test.hashes.count, 256)
    for part in 0..<DifferenceHash.parts {
      let buckets = HashBuckets(train.hashes, part: part)
      for index in test.hashes.indices where test.lengths[index] > 0 && !known.contains(index) {
        let hash = test.hashes[index]
        for other in buckets[hash.part(part)].prefix(limit) {
          guard hash.distance(to: train.hashes[other]) <= mostBits,
            // A pair is taken in the first part that it has in common.
            !(0..<part).contains(where: { hash.part($0) == train.hashes[other].part($0) })
          else { continue }
          let correlation = test.correlation(of: index, with: train, other)
          guard correlation >= leastCorrelation else { continue }
          if found[index].count == mostCandidates {
            guard
              let least = found[index].indices.min(by: { found[index][$0].correlation < found[index][$1].correlation }),
              found[index][least].correlation < correlation
            else { continue }
            found[index][least] = (other, correlation)
          } else {
            found[index].append((other, correlation))
          }
        }
      }
    }
    return found.map { $0.map(\.train) }
  }

  /// The best of the candidates of each test image, if it is near enough.
  private static func confirmed(_ candidates: [[Int]], in pair: DatasetPair) -> [Match] {
    let tests = candidates.indices.filter { !candidates[$0].isEmpty }
    let trains = Set(candidates.flatMap { $0 }).sorted()
    guard let train = FineImages(pair.train, trains), let test = FineImages(pair.test, tests) else { return [] }
    return tests.compactMap { index in
      let all = candidates[index].map {
        Match(test: index, train: $0, evidence: test.evidence(of: index, with: train, $0))
      }
      let best = all.max { ($0.evidence, $1.train) < ($1.evidence, $0.train) }
      return best.flatMap { $0.evidence >= leastEvidence ? $0 : nil }
    }
  }

  /// The finding about near copies; none if there are none.
  func findings(in pair: DatasetPair, names: ImageNames) -> [DatasetCheck.Finding] {
    if matches.isEmpty { return [] }
    let isNotable = Double(matches.count) >= NearCopies.notableShare * Double(pair.test.count)
    return [
      DatasetCheck.Finding(
        .nearCopies, isNotable ? .warning : .note, count: matches.count,
        "\(grouped(matches.count)) of the \(grouped(pair.test.count)) test images "
          + (matches.count == 1 ? "is nearly a training image" : "are nearly training images")
          + ": perhaps the same in another size, quality or brightness",
        examples: matches.lazy.map { "\(names.test($0.test)) ~ \(names.train($0.train))" })
    ]
  }
}

// MARK: - Coarse images

/// The coarse differences of images, and their hashes.
private struct CoarseImages {
  /// [images × 128].
  let differences: [Int16]
  /// The length of each image's differences as a vector; 0 of an image of one colour.
  let lengths: [Float]
  let hashes: [DifferenceHash]

  init(_ dataset: Dataset, threads: Int) {
    let chunk = 512
    let chunks = (dataset.count + chunk - 1) / chunk
    let side = DifferenceHash.side
    let parts = try? WorkerPool(threads: threads).map(chunks, by: 1) { index in
      let images = Array(index * chunk..<min((index + 1) * chunk, dataset.count))
      let greys = try dataset.selecting(images: images).converted(to: .grey)
        .resized(to: ImageShape(height: side, width: side))
      return images.indices.flatMap { DifferenceHash.differences(of: greys.image($0)) }
    }
    let differences = parts?.flatMap { $0 } ?? []
    let count = DifferenceHash.differences
    let starts = stride(from: 0, to: differences.count, by: count)
    lengths = starts.map { start in
      Float(differences[start..<start + count].reduce(0) { $0 + Int($1) * Int($1) }).squareRoot()
    }
    hashes = starts.map { DifferenceHash(differences[$0..<$0 + count]) }
    self.differences = differences
  }

  /// The correlation of the differences of two images; 0 if one of them has none.
  func correlation(of index: Int, with other: CoarseImages, _ otherIndex: Int) -> Float {
    let count = DifferenceHash.differences
    let product = differences.withUnsafeBufferPointer { own in
      other.differences.withUnsafeBufferPointer { others in
        let (start, otherStart) = (index * count, otherIndex * count)
        var sum: Int32 = 0
        for place in 0..<count { sum &+= Int32(own[start + place]) &* Int32(others[otherStart + place]) }
        return sum
      }
    }
    let length = lengths[index] * other.lengths[otherIndex]
    return length > 0 ? Float(product) / length : 0
  }
}

/// The images that have the same value in one part of their hashes.
private struct HashBuckets {
  private let starts: [Int]
  /// Indices of images, sorted by their values.
  private let images: [Int]

  init(_ hashes: [DifferenceHash], part: Int) {
    var counts = [Int](repeating: 0, count: 1 << 16 + 1)
    for hash in hashes { counts[hash.part(part) + 1] += 1 }
    for value in 1..<counts.count { counts[value] += counts[value - 1] }
    starts = counts
    var images = [Int](repeating: 0, count: hashes.count)
    for (index, hash) in hashes.enumerated() {
      images[counts[hash.part(part)]] = index
      counts[hash.part(part)] += 1
    }
    self.images = images
  }

  subscript(value: Int) -> ArraySlice<Int> { images[starts[value]..<starts[value + 1]] }
}

// MARK: - Fine images

/// Some images of a data set in grey, no larger than they need be to be compared.
private struct FineImages {
  private let greys: Dataset
  /// Place in `greys` by index in the data set.
  private let places: [Int: Int]
  /// The sum of the squares of each image's differences, and how many of them count.
  private let sums: [(squares: Float, effective: Float)]

  /// Nil if the images cannot be brought to the size.
  init?(_ dataset: Dataset, _ indices: [Int]) {
    let shape = ImageShape(
      height: min(dataset.shape.height, NearCopies.largestSide), width: min(dataset.shape.width, NearCopies.largestSide)
    )
    guard let greys = try? dataset.selecting(images: indices).converted(to: .grey).resized(to: shape) else {
      return nil
    }
    self.greys = greys
    places = Dictionary(uniqueKeysWithValues: indices.enumerated().map { ($0.element, $0.offset) })
    sums = (0..<greys.count).map { index in
      let (squares, fourths) = FineImages.sums(greys, index, greys, index)
      return (Float(squares), fourths > 0 ? Float(squares) * Float(squares) / Float(fourths) : 0)
    }
  }

  /// The evidence that two images are copies, from the differences of all neighbouring pixels.
  func evidence(of index: Int, with other: FineImages, _ otherIndex: Int) -> Float {
    guard let place = places[index], let otherPlace = other.places[otherIndex] else { return 0 }
    let (own, others) = (sums[place], other.sums[otherPlace])
    guard own.squares > 0, others.squares > 0 else { return 0 }
    let product = Float(FineImages.sums(greys, place, other.greys, otherPlace).products)
    // Of equal images the transform would be infinite.
    let correlation = min(product / (own.squares * others.squares).squareRoot(), 0.9999)
    return 0.5 * log((1 + correlation) / (1 - correlation)) * min(own.effective, others.effective).squareRoot()
  }

  /// The sums of the products of two images' differences, and of the products' squares.
  private static func sums(
    _ one: Dataset, _ index: Int, _ other: Dataset, _ otherIndex: Int
  ) -> (products: Int, squares: Int) {
    let (height, width) = (one.shape.height, one.shape.width)
    return one.pixels.withUnsafeBufferPointer { ones in
      other.pixels.withUnsafeBufferPointer { others in
        let (start, otherStart) = (index * one.shape.count, otherIndex * one.shape.count)
        var (products, squares) = (0, 0)
        func add(_ place: Int, _ step: Int) {
          let difference = Int(ones[start + place + step]) - Int(ones[start + place])
          let product = difference * (Int(others[otherStart + place + step]) - Int(others[otherStart + place]))
          products += product
          squares += product * product
        }
        for row in 0..<height {
          for column in 0..<width {
            let place = row * width + column
            if column + 1 < width { add(place, 1) }
            if row + 1 < height { add(place, width) }
          }
        }
        return (products, squares)
      }
    }
  }
}
