import GraftKernelCalls

// Convolutions without patches. In a `MapLayout` the window's pixels of one line are neighbours, so a position of the output is a
// product of `size` pieces of the image, each `size · pitch` floats long, with the weights. Neighbouring positions of a line are
// the rows of a tile, `stride · pitch` floats apart. The kernel is the dense product with another walk through its left matrix,
// and runs as fast.

func convolution(_ call: Convolution, _ part: Int, _ parts: Int) {
  for image in share(of: call.images, part, parts) { forEachStrip(of: call.output.layout, call.layout, call, image) }
}

/// Calls the kernel for each strip of the output's channels: two vectors wide if the registers allow, one at the end.
@inline(__always)
private func forEachStrip(of output: MapLayout, _ layout: PanelLayout, _ call: Convolution, _ image: Int) {
  for panel in 0..<layout.panels {
    var inner = 0
    while inner < layout.panelWidth {
      let left = output.pitch &- panel &* layout.panelWidth &- inner
      if left <= 0 { return }
      if left >= WideStrip.width, layout.panelWidth &- inner >= WideStrip.width {
        convolutionStrip(WideStrip.self, call, image, panel, inner)
        inner &+= WideStrip.width
      } else {
        convolutionStrip(OneVector.self, call, image, panel, inner)
        inner &+= OneVector.width
      }
    }
  }
}

@inline(__always)
private func convolutionStrip<Strip: Lanes>(
  _: Strip.Type, _ call: Convolution, _ image: Int, _ panel: Int, _ inner: Int
) {
  let column = panel &* call.layout.panelWidth &+ inner
  let start = call.bias.map { Strip(loading: $0 + column) } ?? Strip()
  let input = call.input.layout
  let output = Grid(call.output.layout)
  let corner = input.border &- call.padding
  let lineStride = input.paddedWidth &* input.pitch
  let source = call.input.rows.base + (image &* call.input.rows.stride &+ corner &* (lineStride &+ input.pitch))
  let (size, width) = (call.window.size, call.layout.panelWidth)
  let lineLength = size &* input.pitch
  let target = call.output.rows.base + (image &* call.output.rows.stride &+ column)
  let weights = call.weights + (panel &* call.layout.panelStride &+ inner)
  let spacing = call.window.stride &* input.pitch
  let epilogue = call.epilogue
  let added = epilogue?.added.map { $0.rows.base + (image &* $0.rows.stride &+ column) }
  let addedGrid = Grid(epilogue?.added?.layout ?? call.output.layout)

  /// Whether a line of the window's reach has pixels. Border lines add nothing, nor do the lines between the rows of a gradient
  /// whose convolution had a stride. In the backward pass through small feature maps that is every third line.
  @inline(__always)
  func isLit(_ line: Int) -> Bool {
    let place = line &+ corner &- input.border
    return place >= 0 && place <= (input.height &- 1) &* input.spacing
      && (input.spacing == 1 || place % input.spacing == 0)
  }

  @inline(__always)
  func tile<T: Tile>(_: T.Type, _ y: Int, _ x: Int) where T.Strip == Strip {
    var tile = T(start)
    for i in 0..<size where isLit(y &* call.window.stride &+ i) {
      var factors = source + ((y &* call.window.stride &+ i) &* lineStride &+ x &* spacing)
      var row = weights + i &* lineLength &* width
      for _ in 0..<lineLength {
        tile.add(factors, spacing, times: Strip(loading: row))
        factors += 1
        row += width
      }
    }
    let place = target + output.index(y, x)
    tile.forEachRow(from: 0) { strip, row in
      var result = strip
      if call.accumulates { result.add(Strip(loading: place + row &* output.step)) }
      if let epilogue {
        if let added { result.add(Strip(loading: added + addedGrid.index(y, x &+ row))) }
        result = result.clamped(epilogue.low, epilogue.high)
      }
      result.store(to: place + row &* output.step)
    }
  }

  let cuts = EvenCuts(output.width, most: LargeTile<Strip>.rows)
  for y in 0..<output.height {
    var x = 0
    for index in 0..<cuts.count {
      let rows = cuts.length(index)
      switch rows {
      case 1: tile(Rows1<Strip>.self, y, x)
      case 2: tile(Rows2<Strip>.self, y, x)
      case 3: tile(Rows3<Strip>.self, y, x)
      case 4: tile(Rows4<Strip>.self, y, x)
      case 5: tile(Rows5<Strip>.self, y, x)
      #if AVX512
        case 6: tile(Rows6<Strip>.self, y, x)
        case 7: tile(Rows7<Strip>.self, y, x)
      #endif
      default: tile(LargeTile<Strip>.self, y, x)
      }
      x &+= rows
    }
  }
}

// MARK: - Input gradient by spreading

func convolutionSpread(_ call: ConvolutionSpread, _ part: Int, _ parts: Int) {
  for image in share(of: call.images, part, parts) {
    let target = call.inputGradient.rows.base + image &* call.inputGradient.rows.stride
    var place = call.accumulates ? call.inputGradient.layout.count : 0
    while place < call.inputGradient.layout.count {
      storeVector(Vector(repeating: 0), to: target + place)
      place &+= Vector.scalarCount
    }
    // Each line of the window goes one vector after the other, in both builds: a position gets parts from several vectors, and
    // their order decides its bits.
    var column = 0
    while column < call.layout.columns {
      let (panel, inner) = column.quotientAndRemainder(dividingBy: call.layout.panelWidth)
      spreadStrip(OneVector.self, call, image, target, panel, inner)
      column &+= OneVector.width
    }
  }
}

@inline(__always)
private func spreadStrip<Strip: Lanes>(
  _: Strip.Type, _ call: ConvolutionSpread, _ image: Int, _ target: UnsafeMutablePointer<Float>, _ panel: Int,
  _ inner: Int
) {
  let input = call.inputGradient.layout
  let output = Grid(call.outputGradient.layout)
  let corner = input.border &- call.padding
  let lineStride = input.paddedWidth &* input.pitch
  let step = call.window.stride &* input.pitch
  let gradients = call.outputGradient.rows.base + image &* call.outputGradient.rows.stride
  let weights = call.weights + (panel &* call.layout.panelStride &+ inner)
  let place = target + (corner &* (lineStride &+ input.pitch) &+ panel &* call.layout.panelWidth &+ inner)
  let (depth, width) = (output.pitch, call.layout.panelWidth)

  @inline(__always)
  func tile<T: Tile>(_: T.Type, _ i: Int, _ y: Int, _ x: Int) where T.Strip == Strip {
    var tile = T(Strip())
    var factors = gradients + output.index(y, x)
    var row = weights + i &* call.layout.footprint
    for _ in 0..<depth {
      tile.add(factors, output.step, times: Strip(loading: row))
      factors += 1
      row += width
    }
    let line = place + ((y &* call.window.stride &+ i) &* lineStride &+ x &* step)
    // Rows of a tile overlap in the target, so they are added one after the other.
    tile.forEachRow(from: 0) { strip, row in
      var sum = Strip(loading: line + row &* step)
      sum.add(strip)
      sum.store(to: line + row &* step)
    }
  }

  let cuts = EvenCuts(output.width, most: LargeTile<Strip>.rows)
  for i in 0..<call.window.size {
    for y in 0..<output.height {
      var x = 0
      for index in 0..<cuts.count {
        let rows = cuts.length(index)
        switch rows {
        case 1: tile(Rows1<Strip>.self, i, y, x)
        case 2: tile(Rows2<Strip>.self, i, y, x)
        case 3: tile(Rows3<Strip>.self, i, y, x)
        case 4: tile(Rows4<Strip>.self, i, y, x)
        case 5: tile(Rows5<Strip>.self, i, y, x)
        #if AVX512
          case 6: tile(Rows6<Strip>.self, i, y, x)
          case 7: tile(Rows7<Strip>.self, i, y, x)
        #endif
        default: tile(LargeTile<Strip>.self, i, y, x)
        }
        x &+= rows
      }
    }
  }
}

// MARK: - Weight gradient

/// Floats of pixels and gradients that stay in the level-2 cache while all weights pass over them. The bits of a gradient depend
/// on this number, so it is the same on every machine.
private let cachedFloats = 64 << 10

/// Passes the gradient to `target`, some images at a time; each part computes some of the weights over all images.
@inline(__always)
func convolutionGradient<Target: TileTarget>(
  _ call: ConvolutionGradient, _ layout: PanelLayout, _ target: Target, _ part: Int, _ parts: Int
) {
  let floats = call.input.layout.count &+ call.outputGradient.layout.count
  let together = max(1, cachedFloats / max(floats, 1))
  let own = share(of: layout.rows, part, parts)
  var image = 0
  while image < call.images {
    let images = image..<min(image &+ together, call.images)
    for panel in 0..<layout.panels {
      var inner = 0
      while inner < layout.panelWidth {
        let left = call.outputGradient.layout.pitch &- panel &* layout.panelWidth &- inner
        if left <= 0 { break }
        if left >= WideStrip.width, layout.panelWidth &- inner >= WideStrip.width {
          gradientStrip(WideStrip.self, call, layout, target, images, panel, inner, own)
          inner &+= WideStrip.width
        } else {
          gradientStrip(OneVector.self, call, layout, target, images, panel, inner, own)
          inner &+= OneVector.width
        }
      }
    }
    image = images.upperBound
  }
}

@inline(__always)
private func gradientStrip<Strip: Lanes, Target: TileTarget>(
  _: Strip.Type, _ call: ConvolutionGradient, _ layout: PanelLayout, _ target: Target, _ images: Range<Int>,
  _ panel: Int, _ inner: Int, _ own: Range<Int>
) {
  let input = call.input.layout
  let gradient = Grid(call.outputGradient.layout)
  let corner = input.border &- call.padding
  let lineStride = input.paddedWidth &* input.pitch
  let column = panel &* layout.panelWidth &+ inner
  let step = call.window.stride &* input.pitch
  let line = call.window.size &* input.pitch

  /// Computes rows of weights from `row` on, all of one line of the window.
  @inline(__always)
  func tile<T: Tile>(_: T.Type, _ row: Int) where T.Strip == Strip {
    let (i, within) = row.quotientAndRemainder(dividingBy: line)
    var tile = T(Strip())
    for image in images {
      let pixels =
        call.input.rows.base
        + (image &* call.input.rows.stride &+ (corner &+ i) &* lineStride &+ corner &* input.pitch &+ within)
      let gradients = call.outputGradient.rows.base + (image &* call.outputGradient.rows.stride &+ column)
      for y in 0..<gradient.height {
        var factors = pixels + y &* call.window.stride &* lineStride
        var right = gradients + gradient.index(y, 0)
        for _ in 0..<gradient.width {
          tile.add(factors, 1, times: Strip(loading: right))
          factors += step
          right += gradient.step
        }
      }
    }
    let offset = layout.offset &+ panel &* layout.panelStride &+ inner
    tile.forEachRow(from: row) { strip, row in target.take(strip, at: offset &+ row &* layout.panelWidth) }
  }

  var row = own.lowerBound
  while row < own.upperBound {
    let end = min(own.upperBound, (row / line &+ 1) &* line)
    let cuts = EvenCuts(end &- row, most: LargeTile<Strip>.rows)
    for index in 0..<cuts.count {
      let rows = cuts.length(index)
      switch rows {
      case 1: tile(Rows1<Strip>.self, row)
      case 2: tile(Rows2<Strip>.self, row)
      case 3: tile(Rows3<Strip>.self, row)
      case 4: tile(Rows4<Strip>.self, row)
      case 5: tile(Rows5<Strip>.self, row)
      #if AVX512
        case 6: tile(Rows6<Strip>.self, row)
        case 7: tile(Rows7<Strip>.self, row)
      #endif
      default: tile(LargeTile<Strip>.self, row)
      }
      row &+= rows
    }
  }
}
