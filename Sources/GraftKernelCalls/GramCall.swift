/// A call that adds `panelᵀ · panel` to `sums`, both in Double; only the elements on or above the diagonal count afterwards.
package struct GramCall {
  /// Panel [depth × width], rows `stride` apart, aligned to a cache line, zeros from `width` to `paddedWidth`.
  package let panel: UnsafePointer<Double>
  package let depth: Int
  package let width: Int
  package let stride: Int
  /// Sums [paddedWidth × paddedWidth], rows `stride` apart, aligned to a cache line.
  package let sums: UnsafeMutablePointer<Double>

  /// Columns rounded up to whole strips of 16.
  package static func paddedWidth(_ width: Int) -> Int { (width + 15) & ~15 }

  /// Doubles from one row to the next, an odd number of cache lines: rows of a power of two would push each other out of the
  /// level-1 cache.
  package static func stride(_ width: Int) -> Int { paddedWidth(width) + 8 }

  package init(_ panel: UnsafePointer<Double>, depth: Int, width: Int, into sums: UnsafeMutablePointer<Double>) {
    self.panel = panel
    self.depth = depth
    self.width = width
    stride = GramCall.stride(width)
    self.sums = sums
  }
}
