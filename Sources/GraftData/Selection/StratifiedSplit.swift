import GraftMatrices

/// A draw of test images from images that have no test part: the same share of each class.
///
/// The draw depends on the seed and the labels alone.
struct StratifiedSplit: Sendable {
  /// Indices of the images for training, in ascending order.
  let train: [Int]
  /// Indices of the images for testing, in ascending order.
  let test: [Int]

  /// - Parameters:
  ///   - labels: The class index of each image.
  ///   - fraction: The share for testing, 0 to 1, rounded to whole images of each class. A class of two or more images
  ///     has at least one on each side; a single image is for training.
  ///   - seed: Seed of the draw.
  init(_ labels: [Int], fraction: Double, seed: UInt64) {
    var members = [[Int]](repeating: [], count: (labels.max() ?? -1) + 1)
    for (index, label) in labels.enumerated() { members[label].append(index) }
    var isTest = [Bool](repeating: false, count: labels.count)
    for label in members.indices where members[label].count > 1 {
      let count = members[label].count
      let wanted = Int((Double(count) * min(max(fraction, 0), 1)).rounded())
      var stream = RandomStream(RandomKey(seed: seed, purpose: .testSplit, index: label))
      stream.shuffle(&members[label])
      for index in members[label].prefix(min(max(wanted, 1), count - 1)) { isTest[index] = true }
    }
    train = isTest.indices.filter { !isTest[$0] }
    test = isTest.indices.filter { isTest[$0] }
  }
}
