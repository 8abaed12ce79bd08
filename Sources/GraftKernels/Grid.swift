import GraftKernelCalls

/// The numbers of a `MapLayout` that an inner loop needs, computed once: calls into another module would not be inlined.
struct Grid {
  let height: Int
  let width: Int
  let pitch: Int
  /// The first pixel, in floats.
  private let origin: Int
  /// Floats from a row of pixels to the next, and from a pixel to the next.
  private let line: Int
  let step: Int

  @inline(__always)
  init(_ layout: MapLayout) {
    let lineStride = layout.paddedWidth &* layout.pitch
    height = layout.height
    width = layout.width
    pitch = layout.pitch
    origin = layout.border &* (lineStride &+ layout.pitch)
    line = layout.spacing &* lineStride
    step = layout.spacing &* layout.pitch
  }

  @inline(__always)
  func index(_ y: Int, _ x: Int) -> Int { origin &+ y &* line &+ x &* step }
}
