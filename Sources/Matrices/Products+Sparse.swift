/// The two products of a first layer that reads pixels. Weights are kept input-major, [inputs × outputs], so that a lit
/// pixel adds one contiguous weight row to the outputs.
///
/// What limits them: the weights (784 × 512 floats, 1.6 MB) do not fit the level-1 cache, so the columns are cut in strips
/// of 32; one strip of all weight rows (100 KB) stays in level 2 while the whole batch passes over it, and each loaded
/// vector is used twice.

/// `output[i] = bias + pixels[i] · weights` for each image `i` of the batch; `output` is [images × outputs].
package func sparseProduct(
  _ pixels: PixelBatch, _ parameters: AlignedFloats, weight: MatrixLayout, bias: MatrixLayout, into output: inout Matrix
) {
  precondition(output.columns == weight.columns && output.rows >= pixels.count && weight.columns == bias.columns)
  precondition(weight.rows == pixels.storage.columns && pixels.isPaired == (weight.stride > OneVector.width))
  parameters.withFloats { base in
    output.withMutableRows { target in
      if pixels.isPaired {
        sparseStrips(pixels, base + weight.offset, base + bias.offset, weight.stride, target)
      } else {
        narrowProduct(pixels, base + weight.offset, base + bias.offset, target)
      }
    }
  }
}

@inline(__always)
private func sparseStrips(
  _ pixels: PixelBatch, _ weights: UnsafePointer<Float>, _ bias: UnsafePointer<Float>, _ stride: Int,
  _ output: UnsafeMutablePointer<Float>
) {
  typealias Strip = TwoVectors
  let lists = pixels.storage
  let pairs = (pixels.count + 1) / 2
  var column = 0
  while column < stride {
    for pair in 0..<pairs {
      let columns = lists.unionColumns + pair &* lists.columns
      let values = lists.unionValues + pair &* lists.columns
      var first = Strip(loading: bias + column)
      var second = first
      for entry in 0..<lists.unionCounts[pair] {
        let row = Strip(loading: weights + (Int(columns[entry]) &* stride &+ column))
        let value = values[entry]
        first.add(value.x, times: row)
        second.add(value.y, times: row)
      }
      let target = output + (2 &* pair &* stride &+ column)
      first.store(to: target)
      second.store(to: target + stride)
    }
    column &+= Strip.width
  }
}

/// Hands `sum over images of pixels[i]ᵀ · outputGradient[i]` to `destination`, tile by tile.
@inline(__always)
func sparseGradient<Destination: TileDestination>(
  _ pixels: PixelBatch, _ outputGradient: Matrix, _ layout: MatrixLayout, _ destination: Destination
) {
  outputGradient.block.withFloats { gradient in
    if pixels.isPaired {
      sparseGradientStrips(pixels, gradient, layout, destination)
    } else {
      narrowGradient(pixels, gradient, layout, destination)
    }
  }
}

@inline(__always)
private func sparseGradientStrips<Destination: TileDestination>(
  _ pixels: PixelBatch, _ gradient: UnsafePointer<Float>, _ layout: MatrixLayout, _ destination: Destination
) {
  typealias Strip = TwoVectors
  let lists = pixels.storage
  let stride = layout.stride
  var column = 0
  while column < stride {
    for pair in 0..<lists.columnPairs {
      let images = lists.litImages + pair &* lists.imageCapacity
      let values = lists.litValues + pair &* lists.imageCapacity
      let count = lists.litCounts[pair]
      if count == 0 && Destination.ignoresZeros { continue }
      var even = Strip()
      var odd = Strip()
      for entry in 0..<count {
        let row = Strip(loading: gradient + (Int(images[entry]) &* stride &+ column))
        let value = values[entry]
        even.add(value.x, times: row)
        odd.add(value.y, times: row)
      }
      let offset = layout.offset &+ 2 &* pair &* stride &+ column
      destination.take(even, at: offset)
      destination.take(odd, at: offset &+ stride)
    }
    column &+= Strip.width
  }
}
