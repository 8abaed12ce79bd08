import GraftKernelCalls

// The gradient of transformed weights (`WinogradGradient`). The outputs are Y = Aᵀ (U ⊙ V) A for the transformed weights U and
// inputs V, so ∂loss/∂U is the sum of V ⊙ (A ∂loss/∂Y Aᵀ) over all tiles. Each of the 16 numbers is a dense product again,
// [channels × tiles] by [tiles × outputs]. They are computed in four columns of four: a column of a tile's transform needs no other
// column, so that the parts of a call share little work.

func winogradGradient(_ call: WinogradGradient, _ part: Int, _ parts: Int) {
  let grid = TileGrid(call.outputGradient.layout)
  let (depth, outputs) = (call.input.layout.pitch, call.outputGradient.layout.pitch)
  let together = TileMemory.tilesTogether(inputPitch: depth)
  let inputs = call.tiles.base + part &* call.tiles.stride
  let gradients = inputs + 4 &* together &* depth
  let window = InputTiles(call.input, padding: call.padding)
  let output = GradientTiles(call.outputGradient)
  // Each part owns some vectors of input channels of the four columns.
  let vectors = depth / Vector.scalarCount
  let own = share(of: 4 &* vectors, part, parts)
  let all = call.images &* grid.count
  var first = 0
  while first < all {
    let tiles = first..<min(first &+ together, all)
    for column in 0..<4 {
      let from = max(own.lowerBound, column &* vectors) &- column &* vectors
      let to = min(own.upperBound, (column &+ 1) &* vectors) &- column &* vectors
      if from >= to { continue }
      let channels = from &* Vector.scalarCount..<to &* Vector.scalarCount
      @inline(__always)
      func transform(_ column: Int) {
        for tile in tiles {
          let (image, y, x) = grid.place(tile)
          let row = tile &- first
          window.transform(
            image, y, x, column: column, to: inputs + row &* depth, spacing: together &* depth, channels: channels)
          output.transform(
            image, y, x, column: column, to: gradients + row &* outputs, spacing: together &* outputs)
        }
      }
      // Four calls, so that each is compiled for its column.
      switch column {
      case 0: transform(0)
      case 1: transform(1)
      case 2: transform(2)
      default: transform(3)
      }
      for line in 0..<4 {
        multiply(
          call, tiles.count, inputs + line &* together &* depth, gradients + line &* together &* outputs,
          number: 4 &* line &+ column, channels, isFirst: first == 0)
      }
    }
    first = tiles.upperBound
  }
}

/// Adds `inputsᵀ · gradients` over `count` tiles to the sums of one number, for some of the channels.
@inline(__always)
private func multiply(
  _ call: WinogradGradient, _ count: Int, _ inputs: UnsafePointer<Float>, _ gradients: UnsafePointer<Float>,
  number: Int, _ channels: Range<Int>, isFirst: Bool
) {
  let outputs = call.outputGradient.layout.pitch
  let (depth, width) = (call.input.layout.pitch, call.layout.panelWidth)
  for panel in 0..<call.layout.panels {
    let left = min(width, outputs &- panel &* width)
    let target = call.sums + (panel &* call.layout.panelStride &+ number &* depth &* width)
    var inner = 0
    while inner < left {
      let right = gradients + (panel &* width &+ inner)
      if left &- inner >= WideStrip.width {
        add(WideStrip.self, count, inputs, depth, right, outputs, channels, target + inner, width, isFirst)
        inner &+= WideStrip.width
      } else {
        add(OneVector.self, count, inputs, depth, right, outputs, channels, target + inner, width, isFirst)
        inner &+= OneVector.width
      }
    }
  }
}

@inline(__always)
private func add<Strip: Lanes>(
  _: Strip.Type, _ count: Int, _ inputs: UnsafePointer<Float>, _ depth: Int, _ gradients: UnsafePointer<Float>,
  _ outputs: Int, _ channels: Range<Int>, _ target: UnsafeMutablePointer<Float>, _ width: Int, _ isFirst: Bool
) {
  @inline(__always)
  func tile<T: Tile>(_: T.Type, _ channel: Int) where T.Strip == Strip {
    var tile = T(Strip())
    var left = inputs + channel
    var right = gradients
    for _ in 0..<count {
      tile.add(left, 1, times: Strip(loading: right))
      left += depth
      right += outputs
    }
    tile.forEachRow(from: channel) { strip, row in
      let place = target + row &* width
      var sum = strip
      if !isFirst { sum.add(Strip(loading: place)) }
      sum.store(to: place)
    }
  }
  let cuts = EvenCuts(channels.count, most: LargeTile<Strip>.rows)
  var channel = channels.lowerBound
  for index in 0..<cuts.count {
    let length = cuts.length(index)
    switch length {
    case 1: tile(Rows1<Strip>.self, channel)
    case 2: tile(Rows2<Strip>.self, channel)
    case 3: tile(Rows3<Strip>.self, channel)
    case 4: tile(Rows4<Strip>.self, channel)
    case 5: tile(Rows5<Strip>.self, channel)
    #if AVX512
      case 6: tile(Rows6<Strip>.self, channel)
      case 7: tile(Rows7<Strip>.self, channel)
    #endif
    default: tile(LargeTile<Strip>.self, channel)
    }
    channel &+= length
  }
}

/// The 2 × 2 positions of a tile of ∂loss/∂output.
private struct GradientTiles {
  private let rows: Rows
  private let grid: Grid

  @inline(__always)
  init(_ gradient: Maps) {
    rows = gradient.rows
    grid = Grid(gradient.layout)
  }

  /// Computes the four numbers of one column of A g Aᵀ, with the rows (1, 0), (1, 1), (1, -1) and (0, -1) of A: number `i` is stored
  /// `i` times `spacing` behind the channel's place at `target`. Positions outside the map count as zero.
  @inline(__always)
  func transform(
    _ image: Int, _ y: Int, _ x: Int, column: Int, to target: UnsafeMutablePointer<Float>, spacing: Int
  ) {
    let map = rows.base + image &* rows.stride
    let hasRight = x &+ 1 < grid.width
    let hasLower = y &+ 1 < grid.height
    var channel = 0
    while channel < grid.pitch {
      @inline(__always) func across(_ y: Int) -> Vector {
        let line = map + (grid.index(y, x) &+ channel)
        let left = loadVector(line)
        let right = hasRight ? loadVector(line + grid.step) : Vector(repeating: 0)
        switch column {
        case 0: return left
        case 1: return left + right
        case 2: return left - right
        default: return Vector(repeating: 0) - right
        }
      }
      let upper = across(y)
      let lower = hasLower ? across(y &+ 1) : Vector(repeating: 0)
      let place = target + channel
      storeVector(upper, to: place)
      storeVector(upper + lower, to: place + spacing)
      storeVector(upper - lower, to: place + 2 &* spacing)
      storeVector(Vector(repeating: 0) - lower, to: place + 3 &* spacing)
      channel &+= Vector.scalarCount
    }
  }
}
