extension DatasetPair {
  /// The number of test images that are also training images, byte for byte: a model is not measured on these.
  ///
  /// - Complexity: O(pixels), with one set of hashes of the training images.
  package var sharedImages: Int {
    guard train.shape == test.shape else { return 0 }
    let known = Set((0..<train.count).map { train.image($0) })
    return (0..<test.count).count { known.contains(test.image($0)) }
  }
}
