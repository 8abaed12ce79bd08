/// The sparse products of a layer with at most 16 outputs, softmax regression's: a whole output row is one vector, all
/// weights (784 × 16 floats, 50 KB) stay near, and an image's pixels are walked once each way. The additions have the same
/// order as in the paired kernels.

@inline(__always)
func narrowProduct(
  _ pixels: PixelBatch, _ weights: UnsafePointer<Float>, _ bias: UnsafePointer<Float>,
  _ output: UnsafeMutablePointer<Float>
) {
  let lists = pixels.storage
  pixels.matrix.withEntries { entries in
    for image in 0..<pixels.count {
      var sum = OneVector(loading: bias)
      for entry in lists.starts[image]..<lists.ends[image] {
        sum.add(
          entries.values[entry], times: OneVector(loading: weights + Int(entries.columns[entry]) &* OneVector.width))
      }
      sum.store(to: output + image &* OneVector.width)
    }
  }
}

/// Adds each image's share to a scratch gradient of all pixels, then hands that over row by row.
@inline(__always)
func narrowGradient<Destination: TileDestination>(
  _ pixels: PixelBatch, _ outputGradient: UnsafePointer<Float>, _ layout: MatrixLayout, _ destination: Destination
) {
  let lists = pixels.storage
  let gradient = lists.narrowGradient
  gradient.update(repeating: 0, count: lists.columns &* OneVector.width)
  pixels.matrix.withEntries { entries in
    for image in 0..<pixels.count {
      let row = OneVector(loading: outputGradient + image &* OneVector.width)
      for entry in lists.starts[image]..<lists.ends[image] {
        let place = gradient + Int(entries.columns[entry]) &* OneVector.width
        var sum = OneVector(loading: place)
        sum.add(entries.values[entry], times: row)
        sum.store(to: place)
      }
    }
  }
  for column in 0..<lists.columns {
    let place = column &* OneVector.width
    destination.take(OneVector(loading: gradient + place), at: layout.offset &+ place)
  }
}
