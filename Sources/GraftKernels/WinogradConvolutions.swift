import GraftKernelCalls

// The forward pass of 3 × 3 convolutions in Winograd's form (`WinogradConvolution`). Some tiles are transformed together; each of
// their 16 numbers is then a matrix [tiles × channels], which is multiplied with the matrix of the transformed weights as in any
// dense product. A tile's bits do not depend on its neighbours.

func winogradConvolution(_ call: WinogradConvolution, _ part: Int, _ parts: Int) {
  let grid = TileGrid(call.output.layout)
  let depth = call.input.layout.pitch
  let together = TileMemory.tilesTogether(inputPitch: depth)
  let inputs = call.tiles.base + part &* call.tiles.stride
  let sums = inputs + 16 &* together &* depth
  let own = share(of: call.images &* grid.count, part, parts)
  let window = InputTiles(call.input, padding: call.padding)
  var first = own.lowerBound
  while first < own.upperBound {
    let tiles = first..<min(first &+ together, own.upperBound)
    for tile in tiles {
      let (image, y, x) = grid.place(tile)
      window.transform(
        image, y, x, to: inputs + (tile &- first) &* depth, spacing: together &* depth, channels: 0..<depth)
    }
    for panel in 0..<call.layout.panels {
      multiply(call, tiles.count, inputs, together, panel, sums)
      finish(call, grid, tiles, sums, together, panel)
    }
    first = tiles.upperBound
  }
}

/// Multiplies the transformed inputs of `count` tiles with a panel of the transformed weights: 16 products.
@inline(__always)
private func multiply(
  _ call: WinogradConvolution, _ count: Int, _ inputs: UnsafePointer<Float>, _ together: Int, _ panel: Int,
  _ sums: UnsafeMutablePointer<Float>
) {
  let depth = call.input.layout.pitch
  let width = call.layout.panelWidth
  let left = min(width, call.output.layout.pitch &- panel &* width)
  for number in 0..<16 {
    let factors = inputs + number &* together &* depth
    let weights = call.weights + (panel &* call.layout.panelStride &+ number &* depth &* width)
    let target = sums + number &* together &* width
    var inner = 0
    while inner < left {
      if left &- inner >= WideStrip.width {
        product(WideStrip.self, count, factors, depth, weights + inner, target + inner, width)
        inner &+= WideStrip.width
      } else {
        product(OneVector.self, count, factors, depth, weights + inner, target + inner, width)
        inner &+= OneVector.width
      }
    }
  }
}

/// Computes `target = factors · weights`, [rows × depth] by [depth × strip].
@inline(__always)
private func product<Strip: Lanes>(
  _: Strip.Type, _ rows: Int, _ factors: UnsafePointer<Float>, _ depth: Int, _ weights: UnsafePointer<Float>,
  _ target: UnsafeMutablePointer<Float>, _ width: Int
) {
  @inline(__always)
  func tile<T: Tile>(_: T.Type, _ first: Int) where T.Strip == Strip {
    var tile = T(Strip())
    var left = factors + first &* depth
    var right = weights
    for _ in 0..<depth {
      tile.add(left, depth, times: Strip(loading: right))
      left += 1
      right += width
    }
    tile.forEachRow(from: first) { strip, row in strip.store(to: target + row &* width) }
  }
  let cuts = EvenCuts(rows, most: LargeTile<Strip>.rows)
  var first = 0
  for index in 0..<cuts.count {
    let length = cuts.length(index)
    switch length {
    case 1: tile(Rows1<Strip>.self, first)
    case 2: tile(Rows2<Strip>.self, first)
    case 3: tile(Rows3<Strip>.self, first)
    case 4: tile(Rows4<Strip>.self, first)
    case 5: tile(Rows5<Strip>.self, first)
    #if AVX512
      case 6: tile(Rows6<Strip>.self, first)
      case 7: tile(Rows7<Strip>.self, first)
    #endif
    default: tile(LargeTile<Strip>.self, first)
    }
    first &+= length
  }
}

/// Transforms the sums of a panel to outputs, and stores them.
///
/// In Lavin and Gray's terms Y = Aᵀ M A, with the rows (1, 1, 1, 0) and (0, 1, -1, -1) of Aᵀ.
@inline(__always)
private func finish(
  _ call: WinogradConvolution, _ grid: TileGrid, _ tiles: Range<Int>, _ sums: UnsafePointer<Float>, _ together: Int,
  _ panel: Int
) {
  let output = Grid(call.output.layout)
  let width = call.layout.panelWidth
  let spacing = together &* width
  let left = min(width, output.pitch &- panel &* width)
  let added = call.epilogue?.added
  let addedGrid = Grid(added?.layout ?? call.output.layout)
  for tile in tiles {
    let (image, y, x) = grid.place(tile)
    let tileSums = sums + (tile &- tiles.lowerBound) &* width
    let target = call.output.rows.base + image &* call.output.rows.stride
    let addend = added.map { $0.rows.base + image &* $0.rows.stride }
    var inner = 0
    while inner < left {
      let column = panel &* width &+ inner
      let bias = call.bias.map { OneVector(loading: $0 + column) } ?? OneVector()
      let numbers = tileSums + inner

      @inline(__always)
      func store(_ vector: Vector, _ y: Int, _ x: Int) {
        let place = target + (output.index(y, x) &+ column)
        var result = OneVector(a: vector + bias.a)
        if call.accumulates { result.add(OneVector(loading: place)) }
        if let epilogue = call.epilogue {
          if let addend { result.add(OneVector(loading: addend + (addedGrid.index(y, x) &+ column))) }
          result = result.clamped(epilogue.low, epilogue.high)
        }
        result.store(to: place)
      }

      /// Stores a row of two outputs from the four sums of its columns.
      @inline(__always)
      func storeRow(_ y: Int, _ a: Vector, _ b: Vector, _ c: Vector, _ d: Vector) {
        store(a + b + c, y, x)
        if x &+ 1 < output.width { store(b - c - d, y, x &+ 1) }
      }

      /// Column `column` of Aᵀ M: its first row here, its second below.
      @inline(__always)
      func upper(_ column: Int) -> Vector {
        loadVector(numbers + column &* spacing) + loadVector(numbers + (4 &+ column) &* spacing)
          + loadVector(numbers + (8 &+ column) &* spacing)
      }
      @inline(__always)
      func lower(_ column: Int) -> Vector {
        loadVector(numbers + (4 &+ column) &* spacing) - loadVector(numbers + (8 &+ column) &* spacing)
          - loadVector(numbers + (12 &+ column) &* spacing)
      }
      storeRow(y, upper(0), upper(1), upper(2), upper(3))
      if y &+ 1 < output.height { storeRow(y &+ 1, lower(0), lower(1), lower(2), lower(3)) }
      inner &+= OneVector.width
    }
  }
}

/// The tiles of 2 × 2 positions that cover maps, numbered image after image and line after line.
struct TileGrid {
  /// Tiles of an image.
  let count: Int
  private let perLine: Int

  @inline(__always)
  init(_ layout: MapLayout) {
    perLine = (layout.width &+ 1) / 2
    count = (layout.height &+ 1) / 2 &* perLine
  }

  /// The image of a tile, and the row and column of its first position.
  @inline(__always)
  func place(_ tile: Int) -> (image: Int, y: Int, x: Int) {
    let (image, within) = tile.quotientAndRemainder(dividingBy: count)
    let (line, column) = within.quotientAndRemainder(dividingBy: perLine)
    return (image, 2 &* line, 2 &* column)
  }
}

/// The 4 × 4 positions that a tile of a convolution's output reads.
struct InputTiles {
  private let rows: Rows
  private let pitch: Int
  private let lineStride: Int
  private let corner: Int
  private let lastLine: Int
  private let lastColumn: Int

  @inline(__always)
  init(_ input: Maps, padding: Int) {
    rows = input.rows
    pitch = input.layout.pitch
    lineStride = input.layout.paddedWidth &* pitch
    corner = input.layout.border &- padding
    lastLine = input.layout.paddedHeight &- 1
    lastColumn = input.layout.paddedWidth &- 1
  }

  /// Transforms the tile whose first output is at `y`, `x`: Bᵀ d B, with the rows (1, 0, -1, 0), (0, 1, 1, 0), (0, -1, 1, 0) and
  /// (0, 1, 0, -1) of Bᵀ. Number `4 i + j` of each channel is stored `4 i + j` times `spacing` behind the channel's place at `target`.
  @inline(__always)
  func transform(
    _ image: Int, _ y: Int, _ x: Int, to target: UnsafeMutablePointer<Float>, spacing: Int, channels: Range<Int>
  ) {
    // Four calls, so that each is compiled for its column.
    transform(image, y, x, column: 0, to: target, spacing: 4 &* spacing, channels: channels)
    transform(image, y, x, column: 1, to: target + spacing, spacing: 4 &* spacing, channels: channels)
    transform(image, y, x, column: 2, to: target + 2 &* spacing, spacing: 4 &* spacing, channels: channels)
    transform(image, y, x, column: 3, to: target + 3 &* spacing, spacing: 4 &* spacing, channels: channels)
  }

  /// Computes the four numbers of one column: number `i` is stored `i` times `spacing` behind the channel's place at `target`.
  ///
  /// A position below or to the right of the map's memory is read by outputs only that do not exist; the last line or column takes
  /// its place.
  @inline(__always)
  func transform(
    _ image: Int, _ y: Int, _ x: Int, column: Int, to target: UnsafeMutablePointer<Float>, spacing: Int,
    channels: Range<Int>
  ) {
    let map = rows.base + image &* rows.stride
    @inline(__always) func line(_ index: Int) -> UnsafePointer<Float> {
      map + min(corner &+ y &+ index, lastLine) &* lineStride
    }
    @inline(__always) func place(_ index: Int) -> Int { min(corner &+ x &+ index, lastColumn) &* pitch }
    let (a, b, c, d) = (line(0), line(1), line(2), line(3))
    // The first number minus or plus the second.
    let first = column == 0 ? 0 : column == 2 ? 2 : 1
    let second = column == 3 ? 3 : column == 2 ? 1 : 2
    let (left, right) = (place(first), place(second))
    var channel = channels.lowerBound
    while channel < channels.upperBound {
      @inline(__always) func across(_ line: UnsafePointer<Float>) -> Vector {
        let (p, q) = (loadVector(line + (left &+ channel)), loadVector(line + (right &+ channel)))
        return column == 1 ? p + q : p - q
      }
      let (e, f, g, h) = (across(a), across(b), across(c), across(d))
      let place = target + channel
      storeVector(e - g, to: place)
      storeVector(f + g, to: place + spacing)
      storeVector(g - f, to: place + 2 &* spacing)
      storeVector(f - h, to: place + 3 &* spacing)
      channel &+= Vector.scalarCount
    }
  }
}
