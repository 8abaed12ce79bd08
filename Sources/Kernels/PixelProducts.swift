import CProcessor
import KernelCalls

// The two products of a first layer that reads lit pixels only. Weights are kept input-major, [pixels × outputs], so that a
// lit pixel adds one weight row, cut in panels of 32 outputs, to the outputs.
//
// Forward walks the lists of two images side by side: four independent sums hide the latency of the additions, and the rows
// of one panel that an image needs (150 of 128 bytes) stay in the level-1 cache for the next image of its class (batches
// are ordered by class). Backward walks the images of two neighbouring columns, so that a gradient row is loaded once for
// both. Both run at 80 % of the machine's multiply-adds; bringing each panel of weights from the level-3 cache, once a
// step, is most of the rest.

func pixelProduct(_ call: PixelProduct, _ part: Int, _ parts: Int) {
  if call.layout.panelWidth == OneVector.width {
    narrowPixelProduct(call, share(of: call.entries.images, part, parts))
    return
  }
  let own = share(of: call.layout.panels, part, parts)
  for panel in own {
    let weights = call.weights + panel &* call.layout.panelStride
    let column = panel &* TwoVectors.width
    let start = TwoVectors(loading: call.bias + column)
    var image = 0
    while image < call.entries.images {
      if panel == own.lowerBound {
        call.entries.prefetch(image &+ 4)
        call.entries.prefetch(image &+ 5)
      }
      let other = image &+ 1 < call.entries.images ? image &+ 1 : image
      let (first, second) = twoImages(call.entries, image, other, weights, start)
      let target = call.output.base + (image &* call.output.stride &+ column)
      (call.rectifies ? first.rectified() : first).store(to: target)
      (call.rectifies ? second.rectified() : second).store(to: target + (other &- image) &* call.output.stride)
      image &+= 2
    }
  }
}

@inline(__always)
private func twoImages(
  _ entries: PixelEntries, _ image: Int, _ other: Int, _ weights: UnsafePointer<Float>, _ start: TwoVectors
) -> (TwoVectors, TwoVectors) {
  let (columnsA, valuesA) = (entries.columns + entries.starts[image], entries.values + entries.starts[image])
  let (columnsB, valuesB) = (entries.columns + entries.starts[other], entries.values + entries.starts[other])
  let countA = entries.ends[image] &- entries.starts[image]
  let countB = entries.ends[other] &- entries.starts[other]
  @inline(__always)
  func row(_ column: UInt16) -> TwoVectors { TwoVectors(loading: weights + Int(column) &* TwoVectors.width) }
  var a = start
  var b = start
  let both = min(countA, countB)
  for entry in 0..<both {
    a.add(valuesA[entry], times: row(columnsA[entry]))
    b.add(valuesB[entry], times: row(columnsB[entry]))
  }
  for entry in both..<countA { a.add(valuesA[entry], times: row(columnsA[entry])) }
  for entry in both..<countB { b.add(valuesB[entry], times: row(columnsB[entry])) }
  return (a, b)
}

/// Hands `Σ over images of pixels[i]ᵀ · outputGradient[i]` to `target`, tile by tile.
@inline(__always)
func columnPairGradient<Target: TileTarget>(
  _ pairs: ColumnPairs, _ outputGradient: Rows, _ layout: PanelLayout, _ target: Target, _ part: Int, _ parts: Int
) {
  for panel in share(of: layout.panels, part, parts) {
    let gradient = outputGradient.base + panel &* TwoVectors.width
    let offset = layout.offset &+ panel &* layout.panelStride
    for pair in 0..<layout.paddedRows / 2 {
      let images = pairs.images + pair &* pairs.capacity
      let values = pairs.values + pair &* pairs.capacity
      let count = pairs.counts[pair]
      if count == 0 && Target.ignoresZeros { continue }
      var even = TwoVectors()
      var odd = TwoVectors()
      for entry in 0..<count {
        let row = TwoVectors(loading: gradient + Int(images[entry]) &* outputGradient.stride)
        let value = values[entry]
        even.add(value.x, times: row)
        odd.add(value.y, times: row)
      }
      let place = offset &+ 2 &* pair &* TwoVectors.width
      target.take(even, at: place)
      target.take(odd, at: place &+ TwoVectors.width)
    }
  }
}

/// Sorts the pixels of a batch into column pairs, image after image. Each part owns a range of columns.
func arrangePixels(_ call: PixelArrangement, _ part: Int, _ parts: Int) {
  let own = share(of: (call.entries.width + 1) / 2, part, parts)
  for pair in own { call.pairs.counts[pair] = 0 }
  for image in 0..<call.entries.images {
    let all = call.entries.starts[image]..<call.entries.ends[image]
    arrange(
      call.pairs, UInt16(truncatingIfNeeded: image), call.entries,
      parts == 1 ? all : call.entries.entries(in: all, ofColumns: 2 * own.lowerBound, 2 * own.upperBound))
  }
}

/// Whether a pixel's neighbour is lit too is a coin toss that a branch predictor loses, so values are chosen by masks.
@inline(__always)
private func arrange(_ pairs: ColumnPairs, _ image: UInt16, _ entries: PixelEntries, _ range: Range<Int>) {
  let (columns, values) = (entries.columns, entries.values)
  @inline(__always)
  func append(_ pair: Int, _ value: SIMD2<Float>) {
    let count = pairs.counts[pair]
    let place = pair &* pairs.capacity &+ count
    pairs.images[place] = image
    pairs.values[place] = value
    pairs.counts[pair] = count &+ 1
  }
  @inline(__always)
  func value(_ entry: Int, _ mask: UInt32) -> UInt32 { values[entry].bitPattern & mask }
  var entry = range.lowerBound
  while entry &+ 1 < range.upperBound {
    let column = columns[entry]
    let isEven = mask(column & 1 == 0)
    // The next lit pixel is the odd neighbour of this even one: then both go in at once.
    let hasBoth = isEven & mask(columns[entry &+ 1] == column &+ 1)
    let odd = value(entry, ~isEven) | value(entry &+ 1, hasBoth)
    append(Int(column >> 1), SIMD2(Float(bitPattern: value(entry, isEven)), Float(bitPattern: odd)))
    entry &+= 1 &+ Int(hasBoth & 1)
  }
  if entry < range.upperBound {
    let isEven = mask(columns[entry] & 1 == 0)
    append(
      Int(columns[entry] >> 1),
      SIMD2(Float(bitPattern: value(entry, isEven)), Float(bitPattern: value(entry, ~isEven))))
  }
}

/// All ones or all zeros.
@inline(__always)
private func mask(_ condition: Bool) -> UInt32 { condition ? ~0 : 0 }

extension PixelEntries {
  /// Asks for the lists of an image that will be walked soon. A batch is drawn from all over the data set, so that each of
  /// its images would be waited for otherwise: a third of the time of an epoch of softmax regression.
  @inline(__always)
  func prefetch(_ image: Int) {
    guard image < images else { return }
    let count = ends[image] &- starts[image]
    let line = 64
    for byte in stride(from: 0, to: count &* 2, by: line) {
      processor_prefetch(UnsafeRawPointer(columns + starts[image]) + byte)
    }
    for byte in stride(from: 0, to: count &* 4, by: line) {
      processor_prefetch(UnsafeRawPointer(values + starts[image]) + byte)
    }
  }

  /// The entries of `range`, one image's, with columns from `low` to below `high`; two binary searches.
  @inline(__always)
  func entries(in range: Range<Int>, ofColumns low: Int, _ high: Int) -> Range<Int> {
    @inline(__always)
    func firstEntry(notBelow column: Int) -> Int {
      var (from, to) = (range.lowerBound, range.upperBound)
      while from < to {
        let middle = (from &+ to) >> 1
        if Int(columns[middle]) < column { from = middle &+ 1 } else { to = middle }
      }
      return from
    }
    let start = firstEntry(notBelow: low)
    return start..<max(start, firstEntry(notBelow: high))
  }
}
