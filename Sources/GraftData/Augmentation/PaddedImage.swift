import GraftMatrices

/// An image to read from, in 256ths of a level, with a border of background one pixel wide.
struct PaddedImage: Sendable {
  let layout: Layout
  /// The grey levels, channel after channel.
  private(set) var levels: [UInt16]
  /// The place of the pixels that are not background; unused for colour photographs.
  private(set) var ink = Ink()

  // Scratch memory of `thicken` and of `Ink`.
  private var bytes: [UInt8]
  private var line: [UInt8]

  /// The layout of the pixels in memory.
  struct Layout: Sendable {
    let shape: ImageShape
    /// Number of levels from one row to the next.
    let pitch: Int
    /// Number of levels from one channel to the next.
    let plane: Int

    init(_ shape: ImageShape) {
      self.shape = shape
      pitch = shape.width + 2
      plane = pitch * (shape.height + 2)
    }

    /// Number of rows of all channels together.
    var rows: Int { shape.channels &* shape.height }

    /// The index at which a row of pixels begins; rows are counted through all channels.
    func place(ofRow row: Int) -> Int {
      // Each channel has two rows of border, one of them before its first row.
      (row &+ 2 &* (row / shape.height) &+ 1) &* pitch &+ 1
    }
  }

  init(shape: ImageShape) {
    layout = Layout(shape)
    levels = Array(repeating: 0, count: shape.channels * layout.plane)
    bytes = Array(repeating: 0, count: shape.channels * layout.plane)
    line = Array(repeating: 0, count: layout.pitch)
  }

  /// Loads an image.
  ///
  /// - Parameter thickness: How much to thicken its strokes, as in `Distortion.thickness`.
  mutating func load(_ image: Span<UInt8>, thickness: Int) {
    if !layout.shape.isColor { ink = Ink(of: image, layout.shape, columns: &line) }
    guard thickness == 0 else {
      PaddedImage.thicken(image, by: thickness, layout, bytes: &bytes, line: &line, into: &levels)
      if thickness > 0 { ink.grow(in: layout.shape) }
      return
    }
    let layout = layout
    let width = layout.shape.width
    var levels = levels.mutableSpan
    for row in 0..<layout.rows {
      let from = row &* width
      let to = layout.place(ofRow: row)
      for column in 0..<width { levels[to &+ column] = UInt16(image[from &+ column]) &<< 8 }
    }
  }
}
