import GraftKernelCalls

// Convolutions with windows of one position: a dense product over all positions of a map. The border of the output, which the next
// convolution needs, costs nothing: a result is stored where its position lies.

/// Floats of weights that stay in the level-1 cache while all positions pass over them.
private let smallWeights = 4 << 10
/// Floats of positions that stay beside them.
private let smallPositions = 2 << 10
/// Floats of positions that stay in the level-2 cache while larger weights pass over them, one strip after the other: a strip is then read
/// from the level-1 cache.
private let cachedPositions = 32 << 10

func pointwiseConvolution(_ call: PointwiseConvolution, _ part: Int, _ parts: Int) {
  let positions = call.input.layout.height &* call.input.layout.width
  let pitch = call.input.layout.pitch
  let floats = call.layout.footprint <= smallWeights ? smallPositions : cachedPositions
  let tile = LargeTile<WideStrip>.rows
  let together = max(tile, floats / pitch / tile &* tile)
  for image in share(of: call.images, part, parts) {
    var first = 0
    while first < positions {
      let range = first..<min(first &+ together, positions)
      forEachStrip(call, image, range)
      first = range.upperBound
    }
  }
}

@inline(__always)
private func forEachStrip(_ call: PointwiseConvolution, _ image: Int, _ positions: Range<Int>) {
  for panel in 0..<call.layout.panels {
    var inner = 0
    while inner < call.layout.panelWidth {
      let left = call.output.layout.pitch &- panel &* call.layout.panelWidth &- inner
      if left <= 0 { return }
      if left >= WideStrip.width, call.layout.panelWidth &- inner >= WideStrip.width {
        pointwiseStrip(WideStrip.self, call, image, positions, panel, inner)
        inner &+= WideStrip.width
      } else {
        pointwiseStrip(OneVector.self, call, image, positions, panel, inner)
        inner &+= OneVector.width
      }
    }
  }
}

@inline(__always)
private func pointwiseStrip<Strip: Lanes>(
  _: Strip.Type, _ call: PointwiseConvolution, _ image: Int, _ positions: Range<Int>, _ panel: Int, _ inner: Int
) {
  let column = panel &* call.layout.panelWidth &+ inner
  let start = call.bias.map { Strip(loading: $0 + column) } ?? Strip()
  let (pitch, depth) = (call.input.layout.pitch, call.input.layout.channels)
  let source = call.input.rows.base + image &* call.input.rows.stride
  let weights = call.weights + (panel &* call.layout.panelStride &+ inner)
  let output = Grid(call.output.layout)
  let target = call.output.rows.base + (image &* call.output.rows.stride &+ column)
  let added = call.epilogue.added.map { $0.rows.base + (image &* $0.rows.stride &+ column) }
  let addedGrid = Grid(call.epilogue.added?.layout ?? call.output.layout)
  let (low, high) = (call.epilogue.low, call.epilogue.high)
  let width = call.layout.panelWidth
  var (y, x) = positions.lowerBound.quotientAndRemainder(dividingBy: output.width)

  @inline(__always)
  func tile<T: Tile>(_: T.Type, _ position: Int) where T.Strip == Strip {
    var tile = T(start)
    var factors = source + position &* pitch
    var row = weights
    for _ in 0..<depth {
      tile.add(factors, pitch, times: Strip(loading: row))
      factors += 1
      row += width
    }
    tile.forEachRow(from: 0) { strip, _ in
      var result = strip
      if let added { result.add(Strip(loading: added + addedGrid.index(y, x))) }
      result.clamped(low, high).store(to: target + output.index(y, x))
      x &+= 1
      if x == output.width { (y, x) = (y &+ 1, 0) }
    }
  }

  var position = positions.lowerBound
  while position &+ LargeTile<Strip>.rows <= positions.upperBound {
    tile(LargeTile<Strip>.self, position)
    position &+= LargeTile<Strip>.rows
  }
  switch positions.upperBound &- position {
  case 1: tile(OneRow<Strip>.self, position)
  case 2: tile(Pair<OneRow<Strip>>.self, position)
  case 3: tile(Triple<OneRow<Strip>>.self, position)
  case 4: tile(Pair<Pair<OneRow<Strip>>>.self, position)
  case 5: tile(Joined<Pair<Pair<OneRow<Strip>>>, OneRow<Strip>>.self, position)
  #if AVX512
    case 6: tile(Pair<Triple<OneRow<Strip>>>.self, position)
    case 7: tile(Joined<Pair<Triple<OneRow<Strip>>>, OneRow<Strip>>.self, position)
  #endif
  default: break
  }
}
