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
    if buffer.count != pixels.count { buffer = Array(repeating: 0, count: pixels.count) }
    let size = shape.count
    guard count > 0, size > 0 else { return }
    let augmenter = Augmenter(augmentation, shape: shape)
    WorkerPool(threads: threads).fill(&buffer, partsOf: Dataset.imagesPerJob * size) { start, part in
      var own = augmenter
      for index in start / size..<(start + part.count) / size {
        own.apply(
          to: image(index), seed: seed, epoch: epoch, index: index, into: &part, at: index * size - start)
      }
    }
  }
}
