/// The pixels of one batch, arranged for the sparse products of a training step.
///
/// A layer of many units reads them in pairs. Forward wants two images at a time over the union of their pixels, so that a
/// weight row that both need is loaded once. Backward wants two neighbouring pixels at a time over the images in which
/// either is lit, so that a gradient row is loaded once for both. Neither arrangement changes a bit of the result: a
/// missing pixel contributes `0 · w`, and the order of the additions is that of the pixels (forward) and of the images
/// (backward). A layer of few units (one vector) is cheaper than the arranging; it walks the images' own lists.
///
/// The memory is set aside once for the largest batch; filling it allocates nothing.
package struct PixelBatch: Sendable {
  /// Owns the lists. They are written by `fill`, while uniquely referenced; the scratch memory of the narrow gradient also by
  /// the backward pass, so a batch and its copies belong to one training on one thread.
  final class Storage: @unchecked Sendable {
    let imageCapacity: Int
    let columns: Int
    let isPaired: Bool
    /// Forward, for each pair of images: lit columns, and the two values of each.
    let unionColumns: UnsafeMutablePointer<UInt16>
    let unionValues: UnsafeMutablePointer<SIMD2<Float>>
    let unionCounts: UnsafeMutablePointer<Int>
    /// Backward, for each pair of columns: the images that light one of them, and the two values.
    let litImages: UnsafeMutablePointer<UInt32>
    let litValues: UnsafeMutablePointer<SIMD2<Float>>
    let litCounts: UnsafeMutablePointer<Int>
    /// Unpaired: where each image's entries begin and end in the matrix.
    let starts: UnsafeMutablePointer<Int>
    let ends: UnsafeMutablePointer<Int>
    /// Unpaired: one vector for each column.
    let narrowGradient: UnsafeMutablePointer<Float>

    var columnPairs: Int { (columns + 1) / 2 }

    init(imageCapacity: Int, columns: Int, isPaired: Bool) {
      self.imageCapacity = imageCapacity
      self.columns = columns
      self.isPaired = isPaired
      let imagePairs = isPaired ? (imageCapacity + 1) / 2 : 0
      let columnPairs = isPaired ? (columns + 1) / 2 : 0
      unionColumns = .allocate(capacity: imagePairs * columns)
      unionValues = .allocate(capacity: imagePairs * columns)
      unionCounts = .allocate(capacity: imagePairs)
      litImages = .allocate(capacity: columnPairs * imageCapacity)
      litValues = .allocate(capacity: columnPairs * imageCapacity)
      litCounts = .allocate(capacity: columnPairs)
      starts = .allocate(capacity: imageCapacity)
      ends = .allocate(capacity: imageCapacity)
      let narrow = isPaired ? 0 : columns * OneVector.width
      narrowGradient = UnsafeMutableRawPointer.allocate(byteCount: max(narrow, 1) * 4, alignment: 64)
        .bindMemory(to: Float.self, capacity: max(narrow, 1))
      narrowGradient.initialize(repeating: 0, count: narrow)
      unionCounts.initialize(repeating: 0, count: imagePairs)
      litCounts.initialize(repeating: 0, count: columnPairs)
      starts.initialize(repeating: 0, count: imageCapacity)
      ends.initialize(repeating: 0, count: imageCapacity)
    }

    deinit {
      unionColumns.deallocate()
      unionValues.deallocate()
      unionCounts.deallocate()
      litImages.deallocate()
      litValues.deallocate()
      litCounts.deallocate()
      starts.deallocate()
      ends.deallocate()
      narrowGradient.deallocate()
    }
  }

  private(set) var storage: Storage
  /// Images in the batch now held.
  package private(set) var count = 0
  /// The matrix whose rows are held.
  private(set) var matrix: SparseRows

  /// - Parameter outputs: Units of the layer that reads the pixels; they decide the arrangement.
  package init(imageCapacity: Int, columns: Int, outputs: Int) {
    storage = Storage(
      imageCapacity: max(imageCapacity, 1), columns: columns,
      isPaired: MatrixLayout.paddedColumns(outputs) > OneVector.width)
    matrix = SparseRows(columns: columns)
  }

  var isPaired: Bool { storage.isPaired }

  /// Arranges `rows` of `matrix`; the `i`-th of them becomes image `i`. The lists for backward are left empty unless asked
  /// for.
  ///
  /// - Complexity: O(lit pixels of the batch + columns).
  package mutating func fill(_ rows: ArraySlice<Int>, of matrix: SparseRows, forBackward: Bool) {
    precondition(rows.count <= storage.imageCapacity && matrix.columns == storage.columns)
    if !isKnownUniquelyReferenced(&storage) {
      storage = Storage(
        imageCapacity: storage.imageCapacity, columns: storage.columns, isPaired: storage.isPaired)
    }
    self.matrix = matrix
    count = rows.count
    matrix.offsets.withUnsafeBufferPointer { offsets in
      for (image, row) in rows.enumerated() {
        storage.starts[image] = offsets[row]
        storage.ends[image] = offsets[row + 1]
      }
    }
    if storage.isPaired { matrix.withEntries { arrangePairs($0, forBackward: forBackward) } }
  }

  private func arrangePairs(_ entries: SparseEntries, forBackward: Bool) {
    let lists = storage
    for pair in 0..<(count + 1) / 2 {
      let (first, second) = (2 * pair, 2 * pair + 1)
      mergeImages(
        lists, pair, entries, lists.starts[first], lists.ends[first], second < count ? lists.starts[second] : 0,
        second < count ? lists.ends[second] : 0)
    }
    guard forBackward else { return }
    lists.litCounts.update(repeating: 0, count: lists.columnPairs)
    for image in 0..<count { addToColumnPairs(lists, image, entries, lists.starts[image], lists.ends[image]) }
  }

  /// Merges the sorted entries of two images. Which image has the next pixel is a coin toss that a branch predictor loses,
  /// so values are selected by masks.
  @inline(__always)
  private func mergeImages(
    _ lists: Storage, _ pair: Int, _ entries: SparseEntries, _ start: Int, _ end: Int, _ otherStart: Int,
    _ otherEnd: Int
  ) {
    let unionColumns = lists.unionColumns + pair * lists.columns
    let unionValues = lists.unionValues + pair * lists.columns
    var a = start
    var b = otherStart
    var written = 0
    while a < end && b < otherEnd {
      let columnA = entries.columns[a]
      let columnB = entries.columns[b]
      let takesA = mask(columnA <= columnB)
      let takesB = mask(columnB <= columnA)
      unionColumns[written] = min(columnA, columnB)
      unionValues[written] = SIMD2(entries.value(a, takesA), entries.value(b, takesB))
      written &+= 1
      a &+= Int(takesA & 1)
      b &+= Int(takesB & 1)
    }
    while a < end {
      unionColumns[written] = entries.columns[a]
      unionValues[written] = SIMD2(entries.values[a], 0)
      written &+= 1
      a &+= 1
    }
    while b < otherEnd {
      unionColumns[written] = entries.columns[b]
      unionValues[written] = SIMD2(0, entries.values[b])
      written &+= 1
      b &+= 1
    }
    lists.unionCounts[pair] = written
  }

  @inline(__always)
  private func addToColumnPairs(
    _ lists: Storage, _ image: Int, _ entries: SparseEntries, _ start: Int, _ end: Int
  ) {
    let capacity = lists.imageCapacity
    @inline(__always)
    func append(_ pair: Int, _ value: SIMD2<Float>) {
      let count = lists.litCounts[pair]
      lists.litImages[pair &* capacity &+ count] = UInt32(truncatingIfNeeded: image)
      lists.litValues[pair &* capacity &+ count] = value
      lists.litCounts[pair] = count &+ 1
    }
    var entry = start
    while entry &+ 1 < end {
      let column = entries.columns[entry]
      let isEven = mask(column & 1 == 0)
      // Whether the next lit pixel is the odd neighbour of an even one: then both go in at once.
      let hasBoth = isEven & mask(entries.columns[entry &+ 1] == column &+ 1)
      let own = entries.value(entry, isEven)
      let odd = entries.value(entry, ~isEven).bitPattern | entries.value(entry &+ 1, hasBoth).bitPattern
      append(Int(column >> 1), SIMD2(own, Float(bitPattern: odd)))
      entry &+= 1 &+ Int(hasBoth & 1)
    }
    if entry < end {
      let isEven = mask(entries.columns[entry] & 1 == 0)
      append(
        Int(entries.columns[entry] >> 1), SIMD2(entries.value(entry, isEven), entries.value(entry, ~isEven)))
    }
  }
}

/// All ones or all zeros.
@inline(__always)
private func mask(_ condition: Bool) -> UInt32 { condition ? ~0 : 0 }

/// The entries of a sparse matrix as the kernels walk them.
struct SparseEntries {
  let columns: UnsafePointer<UInt16>
  let values: UnsafePointer<Float>

  /// The value of an entry where `mask` is ones, zero where it is zeros.
  @inline(__always)
  func value(_ entry: Int, _ mask: UInt32) -> Float { Float(bitPattern: values[entry].bitPattern & mask) }
}

extension SparseRows {
  /// A matrix without entries has no addresses; `body` is given some that are never read.
  func withEntries(_ body: (SparseEntries) -> Void) {
    columnIndices.withUnsafeBufferPointer { columns in
      values.withUnsafeBufferPointer { values in
        withUnsafePointer(to: UInt16(0)) { noColumn in
          withUnsafePointer(to: Float(0)) { noValue in
            body(
              SparseEntries(columns: columns.baseAddress ?? noColumn, values: values.baseAddress ?? noValue))
          }
        }
      }
    }
  }
}
