/// The layout of a parameter matrix in a block of floats: cut into panels of 32 columns, one panel behind the other, each
/// row-major and without gaps.
///
/// Kernels walk down one panel at a time with two vectors of 16 side by side. In panels that walk is a straight one through
/// memory: a panel of 784 rows is 100 KB of neighbours, which the level-2 cache holds and the prefetcher follows. In a row-major
/// matrix with rows of 512 floats the same panel would be 784 pieces 2 KB apart, which share a few sets of the cache and need a
/// page table entry each (measured: 1.5 times slower).
///
/// A matrix of at most 16 columns is one panel of 16. Rows are padded to an even number, because kernels work on rows in
/// pairs; a vector (a bias) stays a single row, so that its panels are neighbours. Padding stays zero.
package struct PanelLayout: Sendable, Hashable {
  /// Index of the first element in the block, a multiple of 16.
  @usableFromInline package let offset: Int
  @usableFromInline package let rows: Int
  @usableFromInline package let columns: Int
  /// Columns in a panel: 16 or 32.
  @usableFromInline package let panelWidth: Int

  /// Rows allocated in each panel.
  @usableFromInline package let paddedRows: Int

  package init(offset: Int = 0, rows: Int, columns: Int) {
    self.init(offset, rows, columns, paddedRows: (rows + 1) & ~1)
  }

  /// The layout of a vector.
  package init(offset: Int = 0, vectorOf columns: Int) {
    self.init(offset, 1, columns, paddedRows: 1)
  }

  private init(_ offset: Int, _ rows: Int, _ columns: Int, paddedRows: Int) {
    self.offset = offset
    self.rows = rows
    self.columns = columns
    self.paddedRows = paddedRows
    panelWidth = columns <= 16 ? 16 : 32
  }

  @inlinable package var panels: Int { (columns + panelWidth - 1) / panelWidth }

  /// Floats from one panel to the next.
  @inlinable package var panelStride: Int { paddedRows * panelWidth }

  /// Floats allocated, padding included.
  @inlinable package var footprint: Int { panels * panelStride }

  /// The index in the block of the element at `row`, `column`.
  @inlinable package func index(_ row: Int, _ column: Int) -> Int {
    offset + column / panelWidth * panelStride + row * panelWidth + column % panelWidth
  }
}
