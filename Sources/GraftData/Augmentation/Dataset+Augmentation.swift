import GraftMatrices

extension Dataset {
  /// Number of images that one job changes: fixed, and large enough that making its augmenter costs little beside them.
  private static let imagesPerJob = 256

  /// The images of one epoch, each changed in its own way; labels and order stay.
  ///
  /// - Parameter threads: Number of threads; no byte depends on it.
  package func augmented(by augmentation: Augmentation, seed: UInt64, epoch: Int, threads: Int) -> Dataset {
    if augmentation.isNone { return self }
    var changed: [UInt8] = []
    augment(by: augmentation, seed: seed, epoch: epoch, threads: threads, into: &changed)
    return Dataset(name: name, shape: shape, classNames: classNames, pixels: changed, labels: labels)
  }

  /// Writes the pixels of the images of one epoch into `buffer`, whose memory is reused.
  package func augment(
    by augmentation: Augmentation, seed: UInt64, epoch: Int, threads: Int, into buffer: inout [UInt8]
  ) {
    augment(
      Array(0..<count)[...], by: augmentation, seed: seed, epoch: epoch, threads: threads, into: &buffer,
      imagesPerJob: Dataset.imagesPerJob)
  }

  /// Writes the pixels of some images of one epoch into `buffer`: an image changes in the same way whatever others are asked for.
  package func augment(
    _ indices: ArraySlice<Int>, by augmentation: Augmentation, seed: UInt64, epoch: Int, threads: Int,
    into buffer: inout [UInt8], imagesPerJob: Int = 8
  ) {
    let size = shape.count
    if buffer.count != indices.count * size { buffer = Array(repeating: 0, count: indices.count * size) }
    guard !indices.isEmpty, size > 0 else { return }
    let augmenter = Augmenter(augmentation, shape: shape)
    WorkerPool(threads: threads).fill(&buffer, partsOf: imagesPerJob * size) { start, part in
      var own = augmenter
      for place in stride(from: 0, to: part.count, by: size) {
        let index = indices[indices.startIndex + (start + place) / size]
        own.apply(to: image(index), seed: seed, epoch: epoch, index: index, into: &part, at: place)
      }
    }
  }
}
