import GraftMatrices

extension PaddedImage {
  /// Loads an image with thicker or thinner strokes: each pixel moves a part of the way to the brightest or the darkest
  /// of the 3 × 3 around it (grey-value dilation and erosion), which changes a stroke by less than a pixel.
  ///
  /// - Parameters:
  ///   - amount: The part in 256ths; below zero, towards the darkest. Beyond the border it is dark, or as at the border if
  ///     the image has three channels.
  ///   - bytes: Scratch memory in the layout, its border zero in the beginning.
  ///   - line: Scratch memory for a row: the brightest or darkest of three pixels above each other.
  static func thicken(
    _ image: Span<UInt8>, by amount: Int, _ layout: Layout, bytes: inout [UInt8], line: inout [UInt8],
    into levels: inout [UInt16]
  ) {
    let (width, pitch) = (layout.shape.width, layout.pitch)
    var bytes = bytes.mutableSpan
    for row in 0..<layout.rows {
      let from = row &* width
      let to = layout.place(ofRow: row)
      for column in 0..<width { bytes[to &+ column] = image[from &+ column] }
    }
    if layout.shape.isColor { repeatEdges(of: &bytes, layout) }
    // The darkest byte is the brightest of the complements.
    let flip: UInt8 = amount < 0 ? 255 : 0
    let part = Int32(abs(amount))
    var line = line.mutableSpan
    var levels = levels.mutableSpan
    for row in 0..<layout.rows {
      let start = layout.place(ofRow: row) &- 1
      for column in 0..<pitch {
        let place = start &+ column
        line[column] = max(max(bytes[place &- pitch] ^ flip, bytes[place] ^ flip), bytes[place &+ pitch] ^ flip)
      }
      for column in 1..<pitch &- 1 {
        let level = Int32(bytes[start &+ column])
        let goal = Int32(max(max(line[column &- 1], line[column]), line[column &+ 1]) ^ flip)
        levels[start &+ column] = UInt16(truncatingIfNeeded: level &* 256 &+ (goal &- level) &* part)
      }
    }
  }
  /// Fills the border with the pixels beside it.
  private static func repeatEdges(of bytes: inout MutableSpan<UInt8>, _ layout: Layout) {
    let (height, width, pitch) = (layout.shape.height, layout.shape.width, layout.pitch)
    for row in 0..<layout.rows {
      let start = layout.place(ofRow: row)
      bytes[start &- 1] = bytes[start]
      bytes[start &+ width] = bytes[start &+ width &- 1]
    }
    for channel in 0..<layout.shape.channels {
      let first = channel &* layout.plane &+ pitch
      let last = first &+ (height &- 1) &* pitch
      for column in 0..<pitch {
        bytes[first &- pitch &+ column] = bytes[first &+ column]
        bytes[last &+ pitch &+ column] = bytes[last &+ column]
      }
    }
  }
}
