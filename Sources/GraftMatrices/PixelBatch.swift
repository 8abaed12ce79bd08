import GraftKernelCalls

/// The pixels of one batch in the form that the first layer reads.
///
/// The forward pass walks each image's own list. The backward pass reads two neighbouring pixels at a time, over the images in
/// which either is lit, so that a gradient row is loaded once for both; `arrange(team:)` makes the lists for that once a step.
/// For a layer of at most 16 units arranging would cost more than the layer, so both passes walk the images' own lists. Arranging
/// changes no bit of the gradient: a pixel that is not lit adds `0 · g`, and additions are in the order of the images.
///
/// The memory is allocated once for the largest batch; filling it allocates nothing.
package struct PixelBatch: Sendable {
  /// Owner of the lists. `fill` and `arrange` write them while uniquely referenced. The backward pass writes the scratch memory
  /// of the narrow gradient too, so a batch and its copies belong to one training at a time.
  private final class Storage: @unchecked Sendable {
    let capacity: Int
    let columns: Int
    let isPaired: Bool
    let pairs: ColumnPairs
    /// The three bounds of each image's entries: the first, the first in the second half of the columns, and the end in the
    /// matrix.
    let starts: UnsafeMutablePointer<Int>
    let middles: UnsafeMutablePointer<Int>
    let ends: UnsafeMutablePointer<Int>
    /// Scratch memory of the narrow gradient, one vector for each column; empty if pixels are paired.
    let scratch: UnsafeMutablePointer<Float>

    init(capacity: Int, columns: Int, isPaired: Bool) {
      self.capacity = capacity
      self.columns = columns
      self.isPaired = isPaired
      let columnPairs = isPaired ? (columns + 1) / 2 : 0
      // Sixteen entries are three cache lines; an odd number of those keeps lists from meeting in the same sets of a cache.
      let pitch = ((capacity + 15) / 16 | 1) * 16
      pairs = ColumnPairs(
        entries: .allocate(capacity: columnPairs * pitch), counts: .allocate(capacity: columnPairs),
        capacity: pitch)
      starts = .allocate(capacity: capacity)
      middles = .allocate(capacity: capacity)
      ends = .allocate(capacity: capacity)
      let floats = isPaired ? 0 : columns * AlignedFloats.vectorWidth
      scratch = UnsafeMutableRawPointer.allocate(byteCount: max(floats, 1) * 4, alignment: 64)
        .bindMemory(to: Float.self, capacity: max(floats, 1))
      scratch.initialize(repeating: 0, count: floats)
      pairs.counts.initialize(repeating: 0, count: columnPairs)
      starts.initialize(repeating: 0, count: capacity)
      middles.initialize(repeating: 0, count: capacity)
      ends.initialize(repeating: 0, count: capacity)
    }

    deinit {
      pairs.entries.deallocate()
      pairs.counts.deallocate()
      starts.deallocate()
      middles.deallocate()
      ends.deallocate()
      scratch.deallocate()
    }
  }

  private var storage: Storage
  /// Whether the lists for the gradient belong to the current batch.
  private(set) var isArranged = false
  /// Images in the current batch.
  package private(set) var count = 0
  /// The matrix whose rows are the current batch.
  private var matrix: SparseRows

  /// An empty batch.
  ///
  /// - Parameters:
  ///   - imageCapacity: Images of the largest batch.
  ///   - outputs: Units of the layer that reads the pixels; they decide the arrangement.
  package init(imageCapacity: Int, columns: Int, outputs: Int) {
    storage = Storage(
      capacity: max(imageCapacity, 1), columns: columns,
      isPaired: PanelLayout(rows: columns, columns: outputs).panelWidth > AlignedFloats.vectorWidth)
    matrix = SparseRows(columns: columns)
  }

  var isPaired: Bool { storage.isPaired }
  var columns: Int { storage.columns }
  var pairs: ColumnPairs { storage.pairs }
  var scratch: UnsafeMutablePointer<Float> { storage.scratch }

  /// Fills the batch with `rows` of `matrix`; the `i`-th of them becomes image `i`.
  package mutating func fill(_ rows: ArraySlice<Int>, of matrix: SparseRows) {
    precondition(rows.count <= storage.capacity && matrix.columns == storage.columns)
    if !isKnownUniquelyReferenced(&storage) {
      storage = Storage(capacity: storage.capacity, columns: storage.columns, isPaired: storage.isPaired)
    }
    self.matrix = matrix
    isArranged = false
    count = rows.count
    for (image, row) in rows.enumerated() { hold(row, as: image) }
  }

  private func hold(_ row: Int, as image: Int) {
    storage.starts[image] = matrix.offsets[row]
    storage.middles[image] = matrix.middles[row]
    storage.ends[image] = matrix.offsets[row + 1]
  }

  /// Fills the batch with one image, given as bytes; allocates nothing once it has had an image with more lit pixels.
  package mutating func fill(image bytes: ArraySlice<UInt8>, through table: [Float]) {
    precondition(bytes.count == storage.columns)
    if !isKnownUniquelyReferenced(&storage) {
      storage = Storage(capacity: storage.capacity, columns: storage.columns, isPaired: storage.isPaired)
    }
    isArranged = false
    matrix.setOnlyRow(bytes: bytes, through: table)
    count = 1
    hold(0, as: 0)
  }

  /// Makes the lists that the gradient of a wide layer reads. Call after each `fill(_:of:)`, before the backward pass.
  ///
  /// - Complexity: O(lit pixels of the batch + columns).
  package mutating func arrange(team: Team = .alone) {
    isArranged = true
    guard isPaired else { return }
    if !isKnownUniquelyReferenced(&storage) {
      let shared = storage
      storage = Storage(capacity: shared.capacity, columns: shared.columns, isPaired: shared.isPaired)
      storage.starts.update(from: shared.starts, count: count)
      storage.middles.update(from: shared.middles, count: count)
      storage.ends.update(from: shared.ends, count: count)
    }
    withEntries { team(.arrangePixels(PixelArrangement($0, into: storage.pairs))) }
  }

  /// Calls `body` with the entries. A matrix without entries has no addresses, so `body` gets some that are never read.
  func withEntries(_ body: (PixelEntries) -> Void) {
    matrix.columnIndices.withUnsafeBufferPointer { columns in
      matrix.values.withUnsafeBufferPointer { values in
        withUnsafePointer(to: UInt16(0)) { noColumn in
          withUnsafePointer(to: Float(0)) { noValue in
            body(
              PixelEntries(
                columns: columns.baseAddress ?? noColumn, values: values.baseAddress ?? noValue,
                starts: storage.starts, middles: storage.middles, ends: storage.ends, images: count,
                width: storage.columns))
          }
        }
      }
    }
  }
}
