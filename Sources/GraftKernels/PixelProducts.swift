import CGraftProcessor
import GraftKernelCalls

// The two products of a first layer that reads lit pixels only. Weights are kept input-major, [pixels × outputs], so that a lit
// pixel adds one weight row, cut in panels of 32 outputs, to the outputs.
//
// The forward pass does one multiply-add for each vector that it loads, so the loads decide. It walks the lists of two images
// side by side, which hides the latency of the additions, and the upper half of all images before the lower half: the rows of
// half a panel (392 of 128 bytes, two thirds of them ever lit) then nearly stay in the level-1 cache. With AVX-512 two panels are
// taken together, so that a pixel's column and value are looked up half as often.
//
// The backward pass walks the images of two neighbouring columns, so that a gradient row is loaded once for both. The gradients
// of a panel (64 rows) stay in level 1; weights and velocities stream past once.

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

/// Computes the outputs of one or two panels for all images, upper half of the pixels first.
@inline(__always)
private func pixelPanels<Strip: PanelStrip>(_: Strip.Type, _ call: PixelProduct, _ panel: Int, isFirst: Bool) {
  let entries = call.entries
  let stride = call.layout.panelStride
  let weights = call.weights + panel &* stride
  let column = panel &* TwoVectors.width
  let bias = call.bias.map { Strip(outputs: $0 + column) } ?? Strip()
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
  /// Sums of zero.
  init()
  init(outputs: UnsafePointer<Float>)
  func store(outputs: UnsafeMutablePointer<Float>)
  /// Adds `factor · row`, whose part in the next panel is `stride` floats on.
  mutating func add(_ factor: Float, _ row: UnsafePointer<Float>, _ stride: Int)
  func rectified() -> Self
}

private struct OnePanel: PanelStrip {
  var a: TwoVectors
  @inline(__always) init(a: TwoVectors) { self.a = a }
  @inline(__always) init() { a = TwoVectors() }
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
  @inline(__always) init() { self.init(a: TwoVectors(), b: TwoVectors()) }
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

/// Passes `Σ over images of pixels[i]ᵀ · outputGradient[i]` to `target`, tile by tile.
@inline(__always)
func columnPairGradient<Target: TileTarget>(
  _ pairs: ColumnPairs, _ outputGradient: Rows, _ layout: PanelLayout, _ target: Target, _ part: Int, _ parts: Int
) {
  for panel in share(of: layout.panels, part, parts) {
    let gradient = outputGradient.base + panel &* TwoVectors.width
    let offset = layout.offset &+ panel &* layout.panelStride
    for pair in 0..<layout.paddedRows / 2 {
      let entries = pairs.entries + pair &* pairs.capacity
      let count = pairs.counts[pair]
      if count == 0 && Target.ignoresZeros { continue }
      var even = TwoVectors()
      var odd = TwoVectors()
      for place in 0..<count {
        let entry = entries[place]
        let row = TwoVectors(loading: gradient + Int(entry.image) &* outputGradient.stride)
        even.add(entry.even, times: row)
        odd.add(entry.odd, times: row)
      }
      let place = offset &+ 2 &* pair &* TwoVectors.width
      target.take(even, at: place)
      target.take(odd, at: place &+ TwoVectors.width)
    }
  }
}

/// Sorts the pixels of a batch into column pairs, image after image. Each part owns a range of columns.
///
/// The place where an entry ends depends on its content, so one walk waits for each of its entries. Two walks, through the two
/// halves of an image, which meet in no pair, wait together.
func arrangePixels(_ call: PixelArrangement, _ part: Int, _ parts: Int) {
  let entries = call.entries
  let own = share(of: (entries.width + 1) / 2, part, parts)
  for pair in own { call.pairs.counts[pair] = 0 }
  for image in 0..<entries.images {
    var lower = entries.starts[image]..<entries.middles[image]
    var upper = entries.middles[image]..<entries.ends[image]
    if parts > 1 {
      lower = entries.entries(in: lower, ofColumns: 2 * own.lowerBound, 2 * own.upperBound)
      upper = entries.entries(in: upper, ofColumns: 2 * own.lowerBound, 2 * own.upperBound)
    }
    let number = UInt32(truncatingIfNeeded: image)
    var (a, b) = (lower.lowerBound, upper.lowerBound)
    while a &+ 1 < lower.upperBound && b &+ 1 < upper.upperBound {
      a &+= call.pairs.take(entries, a, number)
      b &+= call.pairs.take(entries, b, number)
    }
    call.pairs.takeAll(entries, a..<max(a, lower.upperBound), number)
    call.pairs.takeAll(entries, b..<max(b, upper.upperBound), number)
  }
}

extension ColumnPairs {
  /// Takes the pixel at `place`, and the one behind it if that is its right neighbour in the pair; returns how many it took.
  /// There must be one behind it. A lit neighbour is a coin toss that a branch predictor loses, so masks choose the values.
  @inline(__always)
  fileprivate func take(_ entries: PixelEntries, _ place: Int, _ image: UInt32) -> Int {
    let column = entries.columns[place]
    let isEven = mask(column & 1 == 0)
    let takesBoth = isEven & mask(entries.columns[place &+ 1] == column &+ 1)
    let own = entries.values[place].bitPattern
    let next = entries.values[place &+ 1].bitPattern
    append(
      Int(column >> 1),
      Entry(
        even: Float(bitPattern: own & isEven), odd: Float(bitPattern: (own & ~isEven) | (next & takesBoth)),
        image: image)
    )
    return 1 &+ Int(takesBoth & 1)
  }

  @inline(__always)
  fileprivate func takeAll(_ entries: PixelEntries, _ range: Range<Int>, _ image: UInt32) {
    var place = range.lowerBound
    while place &+ 1 < range.upperBound { place &+= take(entries, place, image) }
    guard place < range.upperBound else { return }
    let isEven = mask(entries.columns[place] & 1 == 0)
    let own = entries.values[place].bitPattern
    append(
      Int(entries.columns[place] >> 1),
      Entry(even: Float(bitPattern: own & isEven), odd: Float(bitPattern: own & ~isEven), image: image))
  }

  @inline(__always)
  private func append(_ pair: Int, _ entry: Entry) {
    let count = counts[pair]
    self.entries[pair &* capacity &+ count] = entry
    counts[pair] = count &+ 1
  }
}

/// A mask of all ones or all zeros.
@inline(__always)
private func mask(_ condition: Bool) -> UInt32 { condition ? ~0 : 0 }

extension PixelEntries {
  /// Prefetches the lists of an image that will be walked soon. A batch is drawn from all over the data set, so the walk would
  /// otherwise wait for each of its images: a third of the time of an epoch of softmax regression.
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

  /// The entries in one image's `range` with columns from `low` to below `high`, found by two binary searches.
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
