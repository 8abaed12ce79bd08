import GraftMatrices

extension PaddedImage {
  /// Writes one row of the image as seen through a map.
  ///
  /// - Parameters:
  ///   - row: The row of the output, in each channel.
  ///   - displacements: Displacements in the input, for each column along x and then along y, in 65,536ths of a pixel.
  ///   - start: The index in `output` at which the row begins.
  func read(
    _ row: Int, ofChannel channel: Int, through map: AffineMap, displacedBy displacements: Span<Int32>,
    into output: inout MutableSpan<UInt8>, at start: Int
  ) {
    let levels = levels.span
    let (width, pitch) = (layout.shape.width, layout.pitch)
    let corner = channel &* layout.plane &+ pitch &+ 1
    // The places at which any of the four surrounding pixels may have ink: from one pixel before the first to one after
    // the last. One unsigned comparison tests both ends. If all is background the range is empty.
    let left = (ink.columns.lowerBound &- 1) &<< AffineMap.fraction
    let top = (ink.rows.lowerBound &- 1) &<< AffineMap.fraction
    let wide = ink.columns.isEmpty ? 0 : UInt(bitPattern: (ink.columns.count &+ 1) &<< AffineMap.fraction)
    let tall = ink.rows.isEmpty ? 0 : UInt(bitPattern: (ink.rows.count &+ 1) &<< AffineMap.fraction)
    let toFixed = AffineMap.fraction &- SmoothField.fraction
    var x = map.originX &+ map.xy &* row
    var y = map.originY &+ map.yy &* row
    for column in 0..<width {
      let across = x &+ Int(displacements[column]) &<< toFixed
      let down = y &+ Int(displacements[width &+ column]) &<< toFixed
      x &+= map.xx
      y &+= map.yx
      guard UInt(bitPattern: across &- left) < wide, UInt(bitPattern: down &- top) < tall else {
        output[start &+ column] = 0
        continue
      }
      let place = corner &+ (down &>> AffineMap.fraction) &* pitch &+ across &>> AffineMap.fraction
      // Sixteen bits of the parts of a pixel and eight of a level: the sums have 48 bits.
      let right = (across &>> 16) & 0xFFFF
      let below = (down &>> 16) & 0xFFFF
      let (a, b) = (Int(levels[place]), Int(levels[place &+ 1]))
      let (c, d) = (Int(levels[place &+ pitch]), Int(levels[place &+ pitch &+ 1]))
      let upper = a &<< 16 &+ (b &- a) &* right
      let lower = c &<< 16 &+ (d &- c) &* right
      let sum = upper &<< 16 &+ (lower &- upper) &* below
      output[start &+ column] = UInt8(truncatingIfNeeded: (sum &+ 1 &<< 39) &>> 40)
    }
  }
}
