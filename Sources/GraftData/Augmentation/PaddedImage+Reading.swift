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
  /// Writes one row of all channels of a colour photograph as seen through a map. Beyond the border the nearest pixel
  /// continues.
  ///
  /// - Parameters:
  ///   - row: The row of the output.
  ///   - displacements: Displacements in the input, for each column along x and then along y, in 65,536ths of a pixel.
  ///   - start: The index in `output` at which the row of the first channel begins.
  func readColors(
    _ row: Int, through map: AffineMap, displacedBy displacements: Span<Int32>, into output: inout MutableSpan<UInt8>,
    at start: Int
  ) {
    let (width, pitch, plane) = (layout.shape.width, layout.pitch, layout.shape.height &* layout.shape.width)
    precondition(start >= 0 && start &+ 2 &* plane &+ width <= output.count && displacements.count >= 2 &* width)
    let (lastX, lastY) = ((width &- 1) &<< AffineMap.fraction, (layout.shape.height &- 1) &<< AffineMap.fraction)
    let toFixed = AffineMap.fraction &- SmoothField.fraction
    var x = map.originX &+ map.xy &* row
    var y = map.originY &+ map.yy &* row
    // Without tests of bounds: places are clamped into the image. A place on its last column or row gives the pixel behind
    // it, which belongs to the border, no weight.
    levels.withUnsafeBufferPointer { levels in
      output.withUnsafeMutableBufferPointer { output in
        for column in 0..<width {
          let across = min(max(x &+ Int(displacements[column]) &<< toFixed, 0), lastX)
          let down = min(max(y &+ Int(displacements[width &+ column]) &<< toFixed, 0), lastY)
          x &+= map.xx
          y &+= map.yx
          let right = (across &>> 16) & 0xFFFF
          let below = (down &>> 16) & 0xFFFF
          var place = (1 &+ down &>> AffineMap.fraction) &* pitch &+ 1 &+ across &>> AffineMap.fraction
          var target = start &+ column
          for _ in 0..<3 {
            let (a, b) = (Int(levels[place]), Int(levels[place &+ 1]))
            let (c, d) = (Int(levels[place &+ pitch]), Int(levels[place &+ pitch &+ 1]))
            let upper = a &<< 16 &+ (b &- a) &* right
            let lower = c &<< 16 &+ (d &- c) &* right
            let sum = upper &<< 16 &+ (lower &- upper) &* below
            output[target] = UInt8(truncatingIfNeeded: (sum &+ 1 &<< 39) &>> 40)
            place &+= layout.plane
            target &+= plane
          }
        }
      }
    }
  }
}
