import GraftKernelCalls

// Products with lit pixels for a layer of at most 16 outputs, such as softmax regression. A whole output row is one vector, all
// weights (784 × 16 floats, 50 KB) stay near, and an image's pixels are walked once in each direction.

/// Computes the outputs of `images` with four sums that take turns and are added at the end: one sum would wait for each addition
/// before the next, and its rounding errors would be twice as large.
func narrowPixelProduct(_ call: PixelProduct, _ images: Range<Int>) {
  let entries = call.entries
  let bias = call.bias.map { OneVector(loading: $0) } ?? OneVector()
  for image in images {
    entries.prefetch(image &+ 2)
    @inline(__always)
    func row(_ entry: Int) -> OneVector {
      OneVector(loading: call.weights + Int(entries.columns[entry]) &* OneVector.width)
    }
    var sums = (OneVector(), OneVector(), OneVector(), OneVector())
    var entry = entries.starts[image]
    let end = entries.ends[image]
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
    sums.0.add(bias)
    (call.rectifies ? sums.0.rectified() : sums.0).store(to: call.output.base + image &* call.output.stride)
  }
}

/// Adds each image's share to a scratch gradient of all pixels, then passes that on row by row. The additions have the order of
/// the images, as in the paired kernel. Each part owns a range of columns.
@inline(__always)
func narrowPixelGradient<Target: TileTarget>(
  _ entries: PixelEntries, _ outputGradient: Rows, _ scratch: UnsafeMutablePointer<Float>, _ layout: PanelLayout,
  _ target: Target, _ part: Int, _ parts: Int
) {
  let own = share(of: layout.rows, part, parts)
  (scratch + own.lowerBound &* OneVector.width).update(repeating: 0, count: own.count &* OneVector.width)
  for image in 0..<entries.images {
    let row = OneVector(loading: outputGradient.base + image &* outputGradient.stride)
    let all = entries.starts[image]..<entries.ends[image]
    for entry in parts == 1 ? all : entries.entries(in: all, ofColumns: own.lowerBound, own.upperBound) {
      let place = scratch + Int(entries.columns[entry]) &* OneVector.width
      var sum = OneVector(loading: place)
      sum.add(entries.values[entry], times: row)
      sum.store(to: place)
    }
  }
  for column in own {
    let place = column &* OneVector.width
    target.take(OneVector(loading: scratch + place), at: layout.offset &+ place)
  }
}
