/// The pixels of one batch, arranged for the two sparse products of a training step.
///
/// Forward wants two images at a time over the union of their pixels, so that a weight row that both need is loaded once.
/// Backward wants two neighbouring pixels at a time over the images in which either is lit, so that a gradient row is
/// loaded once for both. Neither arrangement changes a bit of the result: a missing pixel contributes `0 · w`, and the
/// order of the additions is that of the pixels (forward) and of the images (backward).
///
/// The memory is set aside once for the largest batch; filling it allocates nothing.
package struct PixelBatch: Sendable {
  /// Owns the lists. Written only by `fill`, while uniquely referenced.
  final class Storage: @unchecked Sendable {
    let imageCapacity: Int
    let columns: Int
    /// Forward, for each pair of images: lit columns, and the two values of each.
    let unionColumns: UnsafeMutablePointer<UInt16>
    let unionValues: UnsafeMutablePointer<SIMD2<Float>>
    let unionCounts: UnsafeMutablePointer<Int>
    /// Backward, for each pair of columns: the images that light one of them, and the two values.
    let litImages: UnsafeMutablePointer<UInt32>
    let litValues: UnsafeMutablePointer<SIMD2<Float>>
    let litCounts: UnsafeMutablePointer<Int>

    var imagePairs: Int { (imageCapacity + 1) / 2 }
    var columnPairs: Int { (columns + 1) / 2 }

    init(imageCapacity: Int, columns: Int) {
      self.imageCapacity = imageCapacity
      self.columns = columns
      let imagePairs = (imageCapacity + 1) / 2
      let columnPairs = (columns + 1) / 2
      unionColumns = .allocate(capacity: imagePairs * columns)
      unionValues = .allocate(capacity: imagePairs * columns)
      unionCounts = .allocate(capacity: imagePairs)
      litImages = .allocate(capacity: columnPairs * imageCapacity)
      litValues = .allocate(capacity: columnPairs * imageCapacity)
      litCounts = .allocate(capacity: columnPairs)
      unionCounts.initialize(repeating: 0, count: imagePairs)
      litCounts.initialize(repeating: 0, count: columnPairs)
    }

    deinit {
      unionColumns.deallocate()
      unionValues.deallocate()
      unionCounts.deallocate()
      litImages.deallocate()
      litValues.deallocate()
      litCounts.deallocate()
    }
  }

  private(set) var storage: Storage
  /// Images in the batch now held.
  package private(set) var count = 0

  package init(imageCapacity: Int, columns: Int) {
    storage = Storage(imageCapacity: max(imageCapacity, 1), columns: columns)
  }

  /// Arranges `rows` of `matrix`; the `i`-th of them becomes image `i`. The lists for backward are left empty unless asked
  /// for.
  ///
  /// - Complexity: O(lit pixels of the batch + columns).
  package mutating func fill(_ rows: ArraySlice<Int>, of matrix: SparseRows, forBackward: Bool) {
    precondition(rows.count <= storage.imageCapacity && matrix.columns == storage.columns)
    if !isKnownUniquelyReferenced(&storage) {
      storage = Storage(imageCapacity: storage.imageCapacity, columns: storage.columns)
    }
    count = rows.count
    matrix.columnIndices.withUnsafeBufferPointer { columns in
      matrix.values.withUnsafeBufferPointer { values in
        matrix.offsets.withUnsafeBufferPointer { offsets in
          guard let columns = columns.baseAddress, let values = values.baseAddress else {
            storage.unionCounts.update(repeating: 0, count: storage.imagePairs)
            storage.litCounts.update(repeating: 0, count: storage.columnPairs)
            return
          }
          let entries = SparseEntries(columns: columns, values: values)
          for pair in 0..<(rows.count + 1) / 2 {
            let first = rows[rows.startIndex + 2 * pair]
            let second = 2 * pair + 1 < rows.count ? rows[rows.startIndex + 2 * pair + 1] : nil
            mergeImages(
              pair, entries, offsets[first]..<offsets[first + 1],
              second.map { offsets[$0]..<offsets[$0 + 1] } ?? 0..<0)
          }
          if forBackward {
            storage.litCounts.update(repeating: 0, count: storage.columnPairs)
            for (image, row) in rows.enumerated() {
              addToColumnPairs(image, entries, offsets[row]..<offsets[row + 1])
            }
          }
        }
      }
    }
  }

  private struct SparseEntries {
    let columns: UnsafePointer<UInt16>
    let values: UnsafePointer<Float>
  }

  /// Merges the sorted entries of two images. The choices are arithmetic, not branches: which image has the next pixel is
  /// a coin toss that a branch predictor loses.
  @inline(__always)
  private func mergeImages(_ pair: Int, _ entries: SparseEntries, _ first: Range<Int>, _ second: Range<Int>) {
    let unionColumns = storage.unionColumns + pair * storage.columns
    let unionValues = storage.unionValues + pair * storage.columns
    var a = first.lowerBound
    var b = second.lowerBound
    var written = 0
    while a < first.upperBound && b < second.upperBound {
      let columnA = entries.columns[a]
      let columnB = entries.columns[b]
      let takesA = columnA <= columnB
      let takesB = columnB <= columnA
      unionColumns[written] = takesA ? columnA : columnB
      unionValues[written] = SIMD2(takesA ? entries.values[a] : 0, takesB ? entries.values[b] : 0)
      written &+= 1
      a &+= takesA ? 1 : 0
      b &+= takesB ? 1 : 0
    }
    while a < first.upperBound {
      unionColumns[written] = entries.columns[a]
      unionValues[written] = SIMD2(entries.values[a], 0)
      written &+= 1
      a &+= 1
    }
    while b < second.upperBound {
      unionColumns[written] = entries.columns[b]
      unionValues[written] = SIMD2(0, entries.values[b])
      written &+= 1
      b &+= 1
    }
    storage.unionCounts[pair] = written
  }

  @inline(__always)
  private func addToColumnPairs(_ image: Int, _ entries: SparseEntries, _ range: Range<Int>) {
    let capacity = storage.imageCapacity
    var lastPair = -1
    for entry in range {
      let column = Int(entries.columns[entry])
      let pair = column >> 1
      let value = entries.values[entry]
      let count = storage.litCounts[pair]
      if pair == lastPair {
        storage.litValues[pair &* capacity &+ count &- 1].y = value
      } else {
        storage.litImages[pair &* capacity &+ count] = UInt32(truncatingIfNeeded: image)
        storage.litValues[pair &* capacity &+ count] = column & 1 == 0 ? SIMD2(value, 0) : SIMD2(0, value)
        storage.litCounts[pair] = count &+ 1
        lastPair = pair
      }
    }
  }
}
