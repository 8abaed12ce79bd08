import GraftKernelCalls

// Dense products, in the three transpositions that training needs. A tile of the result stays in registers (`Tiles`). The weights
// come panel by panel, each a straight walk through memory that stays in the level-2 cache while all rows pass over it. The rows
// of the left matrix are read one number at a time and come from level 1. The limit is the multiply-add itself: nothing is packed
// or copied first.

/// Computes one tile of a product of depth `depth`: row `i` is `start + Σ left[i · spacing + k · step] · right[k · stride …]`,
/// added in the order of `k`.
@inline(__always)
private func accumulate<T: Tile>(
  _: T.Type, from start: T.Strip, _ left: UnsafePointer<Float>, spacing: Int, step: Int,
  _ right: UnsafePointer<Float>, stride: Int, depth: Int
) -> T {
  var tile = T(start)
  var factors = left
  var row = right
  for _ in 0..<depth {
    tile.add(factors, spacing, times: T.Strip(loading: row))
    factors += step
    row += stride
  }
  return tile
}

// MARK: - left · weights

func product(_ call: Product, _ part: Int, _ parts: Int) {
  let panels = call.layout.panels
  // Each part owns panels, whose weights then stay in its own cache; if there are too few panels, it owns rows.
  let byPanels = panels >= 2 * parts
  let ownPanels = byPanels ? share(of: panels, part, parts) : 0..<panels
  let ownRows = byPanels ? 0..<call.rows : share(of: call.rows, part, parts, grain: 2)
  for panel in ownPanels {
    if call.layout.panelWidth == OneVector.width {
      productStrip(OneVector.self, call, panel, 0, ownRows)
    } else {
      for inner in stride(from: 0, to: call.layout.panelWidth, by: WideStrip.width) {
        productStrip(WideStrip.self, call, panel, inner, ownRows)
      }
    }
  }
}

@inline(__always)
private func productStrip<Strip: Lanes>(
  _: Strip.Type, _ call: Product, _ panel: Int, _ inner: Int, _ rows: Range<Int>
) {
  let column = panel &* call.layout.panelWidth &+ inner
  let start = call.bias.map { Strip(loading: $0 + column) } ?? Strip()
  var row = rows.lowerBound
  while row &+ LargeTile<Strip>.rows <= rows.upperBound {
    productTile(LargeTile<Strip>.self, call, start, panel, inner, row)
    row &+= LargeTile<Strip>.rows
  }
  while row &+ MediumTile<Strip>.rows <= rows.upperBound {
    productTile(MediumTile<Strip>.self, call, start, panel, inner, row)
    row &+= MediumTile<Strip>.rows
  }
  while row < rows.upperBound {
    productTile(SmallTile<Strip>.self, call, start, panel, inner, row)
    row &+= SmallTile<Strip>.rows
  }
}

@inline(__always)
private func productTile<T: Tile>(
  _: T.Type, _ call: Product, _ start: T.Strip, _ panel: Int, _ inner: Int, _ row: Int
) {
  let width = call.layout.panelWidth
  let tile = accumulate(
    T.self, from: start, call.left.base + row &* call.left.stride, spacing: call.left.stride, step: 1,
    call.weights + (panel &* call.layout.panelStride &+ inner), stride: width, depth: call.layout.rows)
  let column = panel &* width &+ inner
  tile.forEachRow(from: row) { strip, row in
    var result = strip
    if call.rectifies { result = result.rectified() }
    if let mask = call.mask {
      result = result.kept(where: T.Strip(loading: mask.base + (row &* mask.stride &+ column)))
    }
    result.store(to: call.output.base + (row &* call.output.stride &+ column))
  }
}

// MARK: - left · weightsᵀ

/// Computes dot products along rows of both matrices, which suits a head with few outputs: two rows by two outputs stay in
/// registers, sixteen partial sums each.
func transposedProduct(_ call: Product, _ part: Int, _ parts: Int) {
  let rows = share(of: call.rows, part, parts, grain: 2)
  let (width, stride) = (call.layout.panelWidth, call.layout.panelStride)
  var row = rows.lowerBound
  while row < rows.upperBound {
    let x = call.left.base + row &* call.left.stride
    let y = x + call.left.stride
    var output = 0
    while output < call.layout.rows {
      var xw = OneVector()
      var xv = OneVector()
      var yw = OneVector()
      var yv = OneVector()
      for panel in 0..<call.layout.panels {
        let w = call.weights + (panel &* stride &+ output &* width)
        let v = w + width
        var inner = 0
        while inner < width {
          let k = panel &* width &+ inner
          let a = OneVector(loading: x + k)
          let b = OneVector(loading: y + k)
          let c = OneVector(loading: w + inner)
          let d = OneVector(loading: v + inner)
          xw.add(a, times: c)
          xv.add(a, times: d)
          yw.add(b, times: c)
          yv.add(b, times: d)
          inner &+= OneVector.width
        }
      }
      let z = call.output.base + (row &* call.output.stride &+ output)
      store(xw.sum, xv.sum, call, output, to: z)
      store(yw.sum, yv.sum, call, output, to: z + call.output.stride)
      output &+= 2
    }
    row &+= 2
  }
}

@inline(__always)
private func store(
  _ first: Float, _ second: Float, _ call: Product, _ output: Int, to target: UnsafeMutablePointer<Float>
) {
  let value = (call.bias?[output] ?? 0) + first
  target[0] = call.rectifies ? max(value, 0) : value
  guard output &+ 1 < call.layout.rows else { return }
  let next = (call.bias?[output &+ 1] ?? 0) + second
  target[1] = call.rectifies ? max(next, 0) : next
}

// MARK: - leftᵀ · right

/// Passes `leftᵀ · right` over the first `rows` rows, [left columns × right columns], to `target`, tile by tile.
@inline(__always)
func denseGradient<Target: TileTarget>(
  _ left: Rows, _ right: Rows, rows: Int, _ layout: PanelLayout, _ target: Target, _ part: Int, _ parts: Int
) {
  let byPanels = layout.panels >= 2 * parts
  let ownPanels = byPanels ? share(of: layout.panels, part, parts) : 0..<layout.panels
  let ownRows = byPanels ? 0..<layout.rows : share(of: layout.rows, part, parts, grain: 2)
  for panel in ownPanels {
    if layout.panelWidth == OneVector.width {
      gradientStrip(OneVector.self, left, right, rows, layout, target, panel, 0, ownRows)
    } else {
      for inner in stride(from: 0, to: layout.panelWidth, by: WideStrip.width) {
        gradientStrip(WideStrip.self, left, right, rows, layout, target, panel, inner, ownRows)
      }
    }
  }
}

@inline(__always)
private func gradientStrip<Strip: Lanes, Target: TileTarget>(
  _: Strip.Type, _ left: Rows, _ right: Rows, _ rows: Int, _ layout: PanelLayout, _ target: Target, _ panel: Int,
  _ inner: Int, _ outputs: Range<Int>
) {
  @inline(__always)
  func tile<T: Tile>(_: T.Type, _ output: Int) where T.Strip == Strip {
    let tile = accumulate(
      T.self, from: Strip(), left.base + output, spacing: 1, step: left.stride,
      right.base + (panel &* layout.panelWidth &+ inner), stride: right.stride, depth: rows)
    let offset = layout.offset &+ panel &* layout.panelStride &+ inner
    tile.forEachRow(from: output) { strip, row in
      if row < layout.rows { target.take(strip, at: offset &+ row &* layout.panelWidth) }
    }
  }
  var output = outputs.lowerBound
  while output &+ LargeTile<Strip>.rows <= outputs.upperBound {
    tile(LargeTile<Strip>.self, output)
    output &+= LargeTile<Strip>.rows
  }
  while output &+ MediumTile<Strip>.rows <= outputs.upperBound {
    tile(MediumTile<Strip>.self, output)
    output &+= MediumTile<Strip>.rows
  }
  while output < outputs.upperBound {
    tile(SmallTile<Strip>.self, output)
    output &+= SmallTile<Strip>.rows
  }
}

/// Passes the sum of the first `rows` rows of `matrix`, one row, to `target`.
@inline(__always)
func columnSums<Target: TileTarget>(
  _ matrix: Rows, rows: Int, _ layout: PanelLayout, _ target: Target, _ part: Int, _ parts: Int
) {
  let strips = layout.footprint / OneVector.width
  for strip in share(of: strips, part, parts) {
    let column = strip &* OneVector.width
    var sum = OneVector()
    for row in 0..<rows { sum.add(OneVector(loading: matrix.base + (row &* matrix.stride &+ column))) }
    target.take(sum, at: layout.offset &+ column)
  }
}
