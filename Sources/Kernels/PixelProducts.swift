import CProcessor
import KernelCalls

// The two products of a first layer that reads lit pixels only. Weights are kept input-major, [pixels × outputs], so that a
// lit pixel adds one weight row, cut in panels of 32 outputs, to the outputs.
//
// Forward does one multiply-add for each vector that it loads, so the loads decide. It walks the lists of two images side by
// side, which hides the latency of the additions, and the upper half of all images before the lower half: the rows of half
// a panel (392 of 128 bytes, two thirds of them ever lit) then nearly stay in the level-1 cache. With AVX-512 two panels
// are taken together, so that a pixel's column and value are looked up half as often.
//
// Backward walks the images of two neighbouring columns, so that a gradient row is loaded once for both; the gradients of a
// panel (64 rows) stay in level 1, weights and velocities stream past once.

func pixelProduct(_ call: PixelProduct, _ part: Int, _ parts: Int) {
  if call.layout.panelWidth == OneVector.width {
    narrowPixelProduct(call, share(of: call.entries.images, part, parts))
    return
  }
  let own = share(of: call.layout.panels, part, parts)
  var panel = own.lowerBound
  #if AVX512
    while panel &+ 2 <= own.upperBound {
      pixelPanels(TwoPanels.self, call, panel, isFirst: panel == own.lowerBound)
      panel &+= 2
    }
  #endif
  while panel < own.upperBound {
    pixelPanels(OnePanel.self, call, panel, isFirst: panel == own.lowerBound)
    panel &+= 1
  }
}

/// The outputs of one or two panels for all images, upper half of the pixels first.
@inline(__always)
private func pixelPanels<Strip: PanelStrip>(_: Strip.Type, _ call: PixelProduct, _ panel: Int, isFirst: Bool) {
  let entries = call.entries
  let stride = call.layout.panelStride
  let weights = call.weights + panel &* stride
  let column = panel &* TwoVectors.width
  let bias = Strip(outputs: call.bias + column)
  var image = 0
  while image < entries.images {
    if isFirst {
      entries.prefetch(image &+ 4)
      entries.prefetch(image &+ 5)
    }
    let other = min(image &+ 1, entries.images &- 1)
    let target = call.output.base + (image &* call.output.stride &+ column)
    let otherTarget = call.output.base + (other &* call.output.stride &+ column)
    var sums = (bias, bias)
    add(
      &sums, entries, entries.starts[image]..<entries.middles[image], entries.starts[other]..<entries.middles[other],
      weights, stride)
    sums.0.store(outputs: target)
    sums.1.store(outputs: otherTarget)
    image &+= 2
  }
  image = 0
  while image < entries.images {
    let other = min(image &+ 1, entries.images &- 1)
    let target = call.output.base + (image &* call.output.stride &+ column)
    let otherTarget = call.output.base + (other &* call.output.stride &+ column)
    var sums = (Strip(outputs: target), Strip(outputs: otherTarget))
    add(
      &sums, entries, entries.middles[image]..<entries.ends[image], entries.middles[other]..<entries.ends[other],
      weights, stride)
    (call.rectifies ? sums.0.rectified() : sums.0).store(outputs: target)
    (call.rectifies ? sums.1.rectified() : sums.1).store(outputs: otherTarget)
    image &+= 2
  }
}

/// Adds the weight rows of two lists of pixels to two sums.
@inline(__always)
private func add<Strip: PanelStrip>(
  _ sums: inout (Strip, Strip), _ entries: PixelEntries, _ first: Range<Int>, _ second: Range<Int>,
  _ weights: UnsafePointer<Float>, _ stride: Int
) {
  let (columnsA, valuesA) = (entries.columns + first.lowerBound, entries.values + first.lowerBound)
  let (columnsB, valuesB) = (entries.columns + second.lowerBound, entries.values + second.lowerBound)
  @inline(__always)
  func row(_ column: UInt16) -> UnsafePointer<Float> { weights + Int(column) &* TwoVectors.width }
  let both = min(first.count, second.count)
  for entry in 0..<both {
    sums.0.add(valuesA[entry], row(columnsA[entry]), stride)
    sums.1.add(valuesB[entry], row(columnsB[entry]), stride)
  }
  for entry in both..<first.count { sums.0.add(valuesA[entry], row(columnsA[entry]), stride) }
  for entry in both..<second.count { sums.1.add(valuesB[entry], row(columnsB[entry]), stride) }
}

/// Sums of an image's outputs in one panel, or in two neighbouring ones.
private protocol PanelStrip {
  init(outputs: UnsafePointer<Float>)
  func store(outputs: UnsafeMutablePointer<Float>)
  /// `self += factor · row`, whose part in the next panel is `stride` floats on.
  mutating func add(_ factor: Float, _ row: UnsafePointer<Float>, _ stride: Int)
  func rectified() -> Self
}

private struct OnePanel: PanelStrip {
  var a: TwoVectors
  @inline(__always) init(a: TwoVectors) { self.a = a }
  @inline(__always) init(outputs: UnsafePointer<Float>) { a = TwoVectors(loading: outputs) }
  @inline(__always) func store(outputs: UnsafeMutablePointer<Float>) { a.store(to: outputs) }
  @inline(__always) mutating func add(_ factor: Float, _ row: UnsafePointer<Float>, _ stride: Int) {
    a.add(factor, times: TwoVectors(loading: row))
  }
  @inline(__always) func rectified() -> OnePanel { OnePanel(a: a.rectified()) }
}

private struct TwoPanels: PanelStrip {
  var a: TwoVectors
  var b: TwoVectors
  @inline(__always) init(a: TwoVectors, b: TwoVectors) {
    self.a = a
    self.b = b
  }
  @inline(__always) init(outputs: UnsafePointer<Float>) {
    self.init(a: TwoVectors(loading: outputs), b: TwoVectors(loading: outputs + TwoVectors.width))
  }
  @inline(__always) func store(outputs: UnsafeMutablePointer<Float>) {
    a.store(to: outputs)
    b.store(to: outputs + TwoVectors.width)
  }
  @inline(__always) mutating func add(_ factor: Float, _ row: UnsafePointer<Float>, _ stride: Int) {
    a.add(factor, times: TwoVectors(loading: row))
    b.add(factor, times: TwoVectors(loading: row + stride))
  }
  @inline(__always) func rectified() -> TwoPanels { TwoPanels(a: a.rectified(), b: b.rectified()) }
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

/// An even pixel opens an entry of its pair; an odd one joins the entry that its lit left neighbour has just opened, or opens
/// one. Which of them it is is a coin toss that a branch predictor loses, so values and places are chosen by masks, and
/// nothing that an entry needs waits for the one before it.
@inline(__always)
private func arrange(_ pairs: ColumnPairs, _ image: UInt16, _ entries: PixelEntries, _ range: Range<Int>) {
  let noNeighbour = UInt32.max
  var (left, leftValue) = (noNeighbour, UInt32(0))
  for entry in range {
    let column = UInt32(entries.columns[entry])
    let value = entries.values[entry].bitPattern
    let isOdd = mask(column & 1 == 1)
    let joins = isOdd & mask(left &+ 1 == column)
    let pair = Int(column >> 1)
    let place = pairs.counts[pair] &- Int(joins & 1)
    let slot = pair &* pairs.capacity &+ place
    pairs.images[slot] = image
    pairs.values[slot] = SIMD2(
      Float(bitPattern: (value & ~isOdd) | (leftValue & joins)), Float(bitPattern: value & isOdd))
    pairs.counts[pair] = place &+ 1
    (left, leftValue) = (column, value)
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
