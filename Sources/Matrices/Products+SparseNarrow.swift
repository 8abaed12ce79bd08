/// The sparse products of a layer with at most 16 outputs, softmax regression's: a whole output row is one vector, all
/// weights (784 × 16 floats, 50 KB) stay near, and an image's pixels are walked once each way.

/// Four sums take turns and are added at the end: one sum would wait for each addition before the next, and its rounding
/// errors would be twice as large.
@inline(__always)
func narrowProduct(
  _ pixels: PixelBatch, _ weights: UnsafePointer<Float>, _ bias: UnsafePointer<Float>,
  _ output: UnsafeMutablePointer<Float>
) {
  let lists = pixels.storage
  pixels.matrix.withEntries { entries in
    for image in 0..<pixels.count {
      @inline(__always)
      func row(_ entry: Int) -> OneVector {
        OneVector(loading: weights + Int(entries.columns[entry]) &* OneVector.width)
      }
      var sums = (OneVector(), OneVector(), OneVector(), OneVector())
      var entry = lists.starts[image]
      let end = lists.ends[image]
      while entry &+ 3 < end {
        sums.0.add(entries.values[entry], times: row(entry))
        sums.1.add(entries.values[entry &+ 1], times: row(entry &+ 1))
        sums.2.add(entries.values[entry &+ 2], times: row(entry &+ 2))
        sums.3.add(entries.values[entry &+ 3], times: row(entry &+ 3))
        entry &+= 4
      }
      while entry < end {
        sums.0.add(entries.values[entry], times: row(entry))
        entry &+= 1
      }
      sums.0.add(sums.1)
      sums.2.add(sums.3)
      sums.0.add(sums.2)
      sums.0.add(OneVector(loading: bias))
      sums.0.store(to: output + image &* OneVector.width)
    }
  }
}

/// Adds each image's share to a scratch gradient of all pixels, then hands that over row by row. The additions have the
/// order of the images, as in the paired kernel.
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
