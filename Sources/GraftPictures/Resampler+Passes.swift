extension Resampler {
  /// Computes the rows of the window from the top, and hands out each.
  ///
  /// The width is done in blocks of 16 rows: 32 new columns at a time, from transposed old ones. Only as many of the
  /// narrowed rows are kept as the height needs.
  ///
  /// - Parameter use: Takes the index of the row in the window, its first sample, and the bytes from one channel's
  ///   samples to the next one's.
  @inline(__always)
  mutating func resample(
    _ part: Picture, _ column: Int, _ row: Int, _ plan: FitPlan,
    _ use: (_ index: Int, _ line: UnsafePointer<UInt8>, _ pitch: Int) -> Void
  ) {
    let across = weights(plan.across)
    let down = weights(plan.down)
    let sizes = ScratchSizes(across, down, channels: part.channels)
    if scratch.count < sizes.total { scratch = [UInt8](repeating: 0, count: sizes.total) }
    let copies = plan.down.axis.isIdentity
    part.samples.withUnsafeBufferPointer { samples in
      scratch.withUnsafeMutableBufferPointer { scratch in
        down.pairs.withUnsafeBufferPointer { pairs in
          guard let samples = samples.baseAddress, let scratch = scratch.baseAddress, let pairs = pairs.baseAddress
          else { return }
          let pass = WidthPass(part, samples, column, across, scratch, sizes)
          let narrowed = scratch + sizes.block
          let line = narrowed + sizes.rows &* sizes.rowLength
          // The narrowed rows that are in memory.
          var kept = 0..<0
          for index in down.pixels.indices {
            let position = index - down.pixels.lowerBound
            let taps = down.taps[position]
            while kept.upperBound < taps.upperBound {
              if kept.upperBound < taps.lowerBound { kept = taps.lowerBound..<taps.lowerBound }
              if kept.count &+ ResamplingKernel.lanes > sizes.rows &- 1 {
                let rest = taps.lowerBound..<kept.upperBound
                narrowed.update(
                  from: narrowed + (taps.lowerBound &- kept.lowerBound) &* sizes.rowLength,
                  count: rest.count &* sizes.rowLength)
                kept = rest
              }
              pass.narrow(kept.upperBound &- row, into: narrowed + kept.count &* sizes.rowLength)
              kept = kept.lowerBound..<kept.upperBound &+ ResamplingKernel.lanes
            }
            let first = narrowed + (taps.lowerBound &- kept.lowerBound) &* sizes.rowLength
            if copies {
              use(position, first, sizes.pitch)
            } else {
              ResamplingKernel.sum(
                first, pitch: sizes.rowLength, count: sizes.rowLength, weights: pairs + down.starts[position],
                pairs: down.starts[position + 1] &- down.starts[position], into: line)
              use(position, line, sizes.pitch)
            }
          }
        }
      }
    }
  }
}

// MARK: - Memory

/// The parts of a worker's memory, in bytes.
private struct ScratchSizes {
  /// Columns of the result that are computed at once.
  static let tile = 32

  /// Columns that precede a tile's transposed ones, which are written eight at a time.
  static let margin = 8

  /// From one channel's samples of a row to the next one's: the width rounded up to a multiple of 16.
  let pitch: Int
  /// A row of all channels.
  let rowLength: Int
  /// The transposed old columns of a tile, with room for one more pixel.
  let transposed: Int
  /// The transposed columns, and those of the result.
  let block: Int
  /// Rows of the result's width, for the most that one new row needs and some in advance, and one more.
  let rows: Int
  let total: Int

  init(_ across: ResamplingWeights, _ down: ResamplingWeights, channels: Int) {
    let lanes = ResamplingKernel.lanes
    pitch = (across.pixels.count + lanes - 1) / lanes * lanes
    rowLength = pitch * channels
    var most = 0
    for start in stride(from: 0, to: across.taps.count, by: ScratchSizes.tile) {
      let last = min(start + ScratchSizes.tile, across.taps.count) - 1
      most = max(most, across.taps[last].upperBound - across.taps[start].lowerBound)
    }
    transposed = ((most + 1) * channels + 2 * ScratchSizes.margin) * lanes
    block = transposed + ScratchSizes.tile * channels * lanes
    rows = down.mostTaps + 4 * lanes
    total = block + (rows + 1) * rowLength
  }
}

// MARK: - Width

/// The pass over the width.
private struct WidthPass {
  let samples: UnsafePointer<UInt8>
  let rows: Int
  let channels: Int
  /// Bytes of a row of the picture.
  let pitch: Int
  /// The column at which the picture begins.
  let column: Int
  let across: ResamplingWeights
  let scratch: UnsafeMutablePointer<UInt8>
  let sizes: ScratchSizes

  init(
    _ part: Picture, _ samples: UnsafePointer<UInt8>, _ column: Int, _ across: ResamplingWeights,
    _ scratch: UnsafeMutablePointer<UInt8>, _ sizes: ScratchSizes
  ) {
    self.samples = samples
    self.column = column
    self.across = across
    self.scratch = scratch
    self.sizes = sizes
    rows = part.height
    channels = part.channels
    pitch = part.width * part.channels
  }

  /// Writes 16 rows of the result's width, from the picture's rows that begin at `row`. Those below its end are like
  /// the last one.
  func narrow(_ row: Int, into output: UnsafeMutablePointer<UInt8>) {
    let lanes = ResamplingKernel.lanes
    let count = across.taps.count
    // Bytes of a transposed pixel.
    let length = channels &* lanes
    let sums = scratch + sizes.transposed
    across.taps.withUnsafeBufferPointer { taps in
      across.starts.withUnsafeBufferPointer { starts in
        across.pairs.withUnsafeBufferPointer { pairs in
          guard let pairs = pairs.baseAddress else { return }
          for tile in stride(from: 0, to: count, by: ScratchSizes.tile) {
            let end = min(tile &+ ScratchSizes.tile, count)
            let (first, last) = (taps[tile].lowerBound &- column, taps[end &- 1].upperBound &- column)
            let lines = scratch + ScratchSizes.margin &* lanes
            transpose(row, first &* channels..<last &* channels, into: lines)
            for index in tile..<end {
              ResamplingKernel.sum(
                lines + (taps[index].lowerBound &- column &- first) &* length, pitch: length, count: length,
                weights: pairs + starts[index], pairs: starts[index &+ 1] &- starts[index],
                into: sums + (index &- tile) &* length)
            }
            for channel in 0..<channels {
              for index in stride(from: 0, to: end &- tile, by: 8) {
                ResamplingKernel.transposeColumns(
                  sums + (index &* length &+ channel &* lanes), pitch: length,
                  into: output + (channel &* sizes.pitch &+ tile &+ index), rowPitch: sizes.rowLength)
              }
            }
          }
        }
      }
    }
  }

  /// Transposes 16 rows of some bytes of each row.
  private func transpose(_ row: Int, _ bytes: Range<Int>, into lines: UnsafeMutablePointer<UInt8>) {
    let lanes = ResamplingKernel.lanes
    guard row &+ lanes <= rows, pitch >= 8 else {
      for lane in 0..<lanes {
        let line = samples + min(row &+ lane, rows &- 1) &* pitch
        for byte in bytes { lines[(byte &- bytes.lowerBound) &* lanes &+ lane] = line[byte] }
      }
      return
    }
    var byte = bytes.lowerBound
    while byte < bytes.upperBound {
      // The last eight bytes of a row may begin before the tile does.
      let place = min(byte, pitch &- 8)
      ResamplingKernel.transposeRows(
        samples + (row &* pitch &+ place), pitch: pitch, into: lines + (place &- bytes.lowerBound) &* lanes)
      byte &+= 8
    }
  }
}
