import CGraftProcessor
import GraftKernelCalls

// Depthwise convolutions: a vector of channels at a time, whose sums stay in registers. There are few multiply-adds for each number
// that is read, so memory decides.

/// The places of a depthwise convolution's pixels and weights.
private struct DepthwisePlaces {
  let size: Int
  let stride: Int
  /// Floats from a line of the input to the next, and from a position to the next.
  let line: Int
  let pitch: Int
  /// The first position that a window reads, in floats.
  let corner: Int

  @inline(__always)
  init(_ input: MapLayout, _ window: Window, padding: Int) {
    size = window.size
    stride = window.stride
    line = input.paddedWidth &* input.pitch
    pitch = input.pitch
    corner = (input.border &- padding) &* (line &+ input.pitch)
  }

  /// The first float under the window of the output at `y` and `x`.
  @inline(__always)
  func index(_ y: Int, _ x: Int) -> Int { corner &+ y &* stride &* line &+ x &* stride &* pitch }
}

/// The weights of one vector of channels, `width` floats from one window position to the next.
@inline(__always)
private func weights(_ base: UnsafePointer<Float>, _ layout: PanelLayout, channel: Int) -> UnsafePointer<Float> {
  let (panel, inner) = channel.quotientAndRemainder(dividingBy: layout.panelWidth)
  return base + (panel &* layout.panelStride &+ inner)
}

func depthwiseConvolution(_ call: DepthwiseConvolution, _ part: Int, _ parts: Int) {
  switch call.window.size {
  // The compiler unrolls windows whose size it knows.
  case 3: depthwiseConvolution(call, size: 3, part, parts)
  case 5: depthwiseConvolution(call, size: 5, part, parts)
  default: depthwiseConvolution(call, size: call.window.size, part, parts)
  }
}

@inline(__always)
private func depthwiseConvolution(_ call: DepthwiseConvolution, size: Int, _ part: Int, _ parts: Int) {
  let places = DepthwisePlaces(call.input.layout, call.window, padding: call.padding)
  let output = Grid(call.output.layout)
  let width = call.layout.panelWidth
  let step = places.stride &* places.pitch
  let (low, high) = (call.epilogue?.low ?? -Float.infinity, call.epilogue?.high ?? Float.infinity)
  for image in share(of: call.images, part, parts) {
    let source = call.input.rows.base + image &* call.input.rows.stride
    let target = call.output.rows.base + image &* call.output.rows.stride
    // One vector of channels after the other: the lines under its windows stay in the level-1 cache. They lie far apart, so no
    // processor guesses the next ones, and they are asked for one line of the output ahead.
    let ahead = (size &- 1 &+ places.stride) &* places.line
    var channel = 0
    while channel < output.pitch {
      let factors = weights(call.weights, call.layout, channel: channel)
      let start = call.bias.map { loadVector($0 + channel) } ?? Vector(repeating: 0)
      for y in 0..<output.height {
        var x = 0
        // Four neighbours share each weight.
        while x &+ 4 <= output.width {
          var (a, b, c, d) = (start, start, start, start)
          var window = source + (places.index(y, x) &+ channel)
          for position in 0..<4 &* places.stride { processor_prefetch(window + (ahead &+ position &* places.pitch)) }
          var row = factors
          for _ in 0..<size {
            for j in 0..<size {
              let weight = loadVector(row + j &* width)
              let pixel = window + j &* places.pitch
              a.addProduct(loadVector(pixel), weight)
              b.addProduct(loadVector(pixel + step), weight)
              c.addProduct(loadVector(pixel + 2 &* step), weight)
              d.addProduct(loadVector(pixel + 3 &* step), weight)
            }
            window += places.line
            row += size &* width
          }
          let place = target + (output.index(y, x) &+ channel)
          storeVector(clampedVector(a, low, high), to: place)
          storeVector(clampedVector(b, low, high), to: place + output.step)
          storeVector(clampedVector(c, low, high), to: place + 2 &* output.step)
          storeVector(clampedVector(d, low, high), to: place + 3 &* output.step)
          x &+= 4
        }
        while x < output.width {
          var sum = start
          var window = source + (places.index(y, x) &+ channel)
          var row = factors
          for _ in 0..<size {
            for j in 0..<size {
              sum.addProduct(loadVector(window + j &* places.pitch), loadVector(row + j &* width))
            }
            window += places.line
            row += size &* width
          }
          storeVector(clampedVector(sum, low, high), to: target + (output.index(y, x) &+ channel))
          x &+= 1
        }
      }
      channel &+= Vector.scalarCount
    }
  }
}

func depthwiseSpread(_ call: DepthwiseSpread, _ part: Int, _ parts: Int) {
  let places = DepthwisePlaces(call.inputGradient.layout, call.window, padding: call.padding)
  let output = Grid(call.outputGradient.layout)
  let width = call.layout.panelWidth
  for image in share(of: call.images, part, parts) {
    let gradients = call.outputGradient.rows.base + image &* call.outputGradient.rows.stride
    let target = call.inputGradient.rows.base + image &* call.inputGradient.rows.stride
    var place = call.accumulates ? call.inputGradient.layout.count : 0
    while place < call.inputGradient.layout.count {
      storeVector(Vector(repeating: 0), to: target + place)
      place &+= Vector.scalarCount
    }
    for y in 0..<output.height {
      var channel = 0
      while channel < output.pitch {
        var row = weights(call.weights, call.layout, channel: channel)
        let line = gradients + (output.index(y, 0) &+ channel)
        var pixels = target + (places.index(y, 0) &+ channel)
        for _ in 0..<places.size {
          let spread = SpreadLine(
            gradients: line, gradientStep: output.step, count: output.width, pixels: pixels, pitch: places.pitch,
            weights: row, width: width)
          switch (places.size, places.stride) {
          case (3, 1): spread.three()
          case (3, 2): spread.threeByTwo()
          case (5, 1): spread.five()
          case (5, 2): spread.fiveByTwo()
          default: spread.any(size: places.size, stride: places.stride)
          }
          pixels += places.line
          row += places.size &* width
        }
        channel &+= Vector.scalarCount
      }
    }
  }
}

/// The gradients of a line of the output, to be spread over the pixels under one line of the windows.
///
/// Windows overlap. The pixels under the current one stay in registers, and each is loaded and stored once, when the first window
/// reaches it and when the last one leaves it.
private struct SpreadLine {
  let gradients: UnsafePointer<Float>
  let gradientStep: Int
  /// Positions of the output.
  let count: Int
  let pixels: UnsafeMutablePointer<Float>
  let pitch: Int
  let weights: UnsafePointer<Float>
  /// Floats from the weight of one window position to the next.
  let width: Int

  @inline(__always)
  private func pixel(_ place: Int) -> UnsafeMutablePointer<Float> { pixels + place &* pitch }

  @inline(__always)
  private func weight(_ place: Int) -> Vector { loadVector(weights + place &* width) }

  @inline(__always)
  func any(size: Int, stride: Int) {
    for x in 0..<count {
      let gradient = loadVector(gradients + x &* gradientStep)
      for j in 0..<size {
        let place = pixel(x &* stride &+ j)
        storeVector(loadVector(place).addingProduct(gradient, weight(j)), to: place)
      }
    }
  }

  @inline(__always)
  func three() {
    let (first, second, third) = (weight(0), weight(1), weight(2))
    var (a, b) = (loadVector(pixel(0)), loadVector(pixel(1)))
    for x in 0..<count {
      let gradient = loadVector(gradients + x &* gradientStep)
      storeVector(a.addingProduct(gradient, first), to: pixel(x))
      a = b.addingProduct(gradient, second)
      b = loadVector(pixel(x &+ 2)).addingProduct(gradient, third)
    }
    storeVector(a, to: pixel(count))
    storeVector(b, to: pixel(count &+ 1))
  }

  @inline(__always)
  func threeByTwo() {
    let (first, second, third) = (weight(0), weight(1), weight(2))
    var a = loadVector(pixel(0))
    for x in 0..<count {
      let gradient = loadVector(gradients + x &* gradientStep)
      let place = pixel(2 &* x)
      storeVector(a.addingProduct(gradient, first), to: place)
      storeVector(loadVector(place + pitch).addingProduct(gradient, second), to: place + pitch)
      a = loadVector(place + 2 &* pitch).addingProduct(gradient, third)
    }
    storeVector(a, to: pixel(2 &* count))
  }

  @inline(__always)
  func five() {
    var (a, b, c, d) = (loadVector(pixel(0)), loadVector(pixel(1)), loadVector(pixel(2)), loadVector(pixel(3)))
    for x in 0..<count {
      let gradient = loadVector(gradients + x &* gradientStep)
      storeVector(a.addingProduct(gradient, weight(0)), to: pixel(x))
      a = b.addingProduct(gradient, weight(1))
      b = c.addingProduct(gradient, weight(2))
      c = d.addingProduct(gradient, weight(3))
      d = loadVector(pixel(x &+ 4)).addingProduct(gradient, weight(4))
    }
    storeVector(a, to: pixel(count))
    storeVector(b, to: pixel(count &+ 1))
    storeVector(c, to: pixel(count &+ 2))
    storeVector(d, to: pixel(count &+ 3))
  }

  @inline(__always)
  func fiveByTwo() {
    var (a, b, c) = (loadVector(pixel(0)), loadVector(pixel(1)), loadVector(pixel(2)))
    for x in 0..<count {
      let gradient = loadVector(gradients + x &* gradientStep)
      let place = pixel(2 &* x)
      storeVector(a.addingProduct(gradient, weight(0)), to: place)
      storeVector(b.addingProduct(gradient, weight(1)), to: place + pitch)
      a = c.addingProduct(gradient, weight(2))
      b = loadVector(place + 3 &* pitch).addingProduct(gradient, weight(3))
      c = loadVector(place + 4 &* pitch).addingProduct(gradient, weight(4))
    }
    storeVector(a, to: pixel(2 &* count))
    storeVector(b, to: pixel(2 &* count &+ 1))
    storeVector(c, to: pixel(2 &* count &+ 2))
  }
}

/// Passes the gradient to `target`; each part computes the weights of some channels over all images.
@inline(__always)
func depthwiseGradient<Target: TileTarget>(
  _ call: ConvolutionGradient, _ layout: PanelLayout, _ target: Target, _ part: Int, _ parts: Int
) {
  let places = DepthwisePlaces(call.input.layout, call.window, padding: call.padding)
  let gradient = Grid(call.outputGradient.layout)
  for vector in share(of: gradient.pitch / Vector.scalarCount, part, parts) {
    let channel = vector &* Vector.scalarCount
    let (panel, inner) = channel.quotientAndRemainder(dividingBy: layout.panelWidth)
    let offset = layout.offset &+ panel &* layout.panelStride &+ inner
    guard places.size <= WindowSums.largest else {
      depthwiseGradient(call, places, gradient, layout, target, channel: channel, offset: offset)
      continue
    }
    var sums = WindowSums()
    // A line of the gradient meets each line of the window while it is in the level-1 cache: the maps are read once.
    for image in 0..<call.images {
      let pixels = call.input.rows.base + (image &* call.input.rows.stride &+ channel)
      let gradients = call.outputGradient.rows.base + (image &* call.outputGradient.rows.stride &+ channel)
      for y in 0..<gradient.height {
        for i in 0..<places.size {
          sums.add(
            line: i, gradients + gradient.index(y, 0), gradient.step, count: gradient.width,
            pixels + (places.index(y, 0) &+ i &* places.line), places)
        }
      }
    }
    for i in 0..<places.size {
      for j in 0..<places.size {
        target.take(sums[i, j], at: offset &+ (i &* places.size &+ j) &* layout.panelWidth)
      }
    }
  }
}

/// The sums of the weights of one vector of channels, in memory between the lines of a map and in registers along a line.
private struct WindowSums {
  /// The largest window, along one side.
  static let largest = 5

  private typealias Line = (Vector, Vector, Vector, Vector, Vector)
  private var lines: (Line, Line, Line, Line, Line)

  @inline(__always)
  init() {
    let zero = Vector(repeating: 0)
    let line = (zero, zero, zero, zero, zero)
    lines = (line, line, line, line, line)
  }

  subscript(i: Int, j: Int) -> OneVector {
    @inline(__always) mutating get {
      withUnsafeMutableBytes(of: &lines) { OneVector(a: WindowSums.vectors($0)[WindowSums.largest &* i &+ j]) }
    }
  }

  @inline(__always)
  private static func vectors(_ bytes: UnsafeMutableRawBufferPointer) -> UnsafeMutablePointer<Vector> {
    // The tuple has at least one element.
    bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Vector.self)
  }

  /// Adds the products of a line of the gradient and of the pixels under line `i` of the windows.
  @inline(__always)
  mutating func add(
    line i: Int, _ gradients: UnsafePointer<Float>, _ gradientStep: Int, count: Int, _ pixels: UnsafePointer<Float>,
    _ places: DepthwisePlaces
  ) {
    let pitch = places.pitch
    let step = places.stride &* pitch
    withUnsafeMutableBytes(of: &lines) { bytes in
      let sums = WindowSums.vectors(bytes) + WindowSums.largest &* i
      var (gradient, pixel) = (gradients, pixels)
      switch places.size {
      case 3:
        var (a, b, c) = (sums[0], sums[1], sums[2])
        for _ in 0..<count {
          let value = loadVector(gradient)
          a.addProduct(loadVector(pixel), value)
          b.addProduct(loadVector(pixel + pitch), value)
          c.addProduct(loadVector(pixel + 2 &* pitch), value)
          gradient += gradientStep
          pixel += step
        }
        (sums[0], sums[1], sums[2]) = (a, b, c)
      case 5:
        var (a, b, c, d, e) = (sums[0], sums[1], sums[2], sums[3], sums[4])
        for _ in 0..<count {
          let value = loadVector(gradient)
          a.addProduct(loadVector(pixel), value)
          b.addProduct(loadVector(pixel + pitch), value)
          c.addProduct(loadVector(pixel + 2 &* pitch), value)
          d.addProduct(loadVector(pixel + 3 &* pitch), value)
          e.addProduct(loadVector(pixel + 4 &* pitch), value)
          gradient += gradientStep
          pixel += step
        }
        (sums[0], sums[1], sums[2], sums[3], sums[4]) = (a, b, c, d, e)
      default:
        for j in 0..<places.size {
          var sum = sums[j]
          for x in 0..<count {
            sum.addProduct(loadVector(pixel + (x &* step &+ j &* pitch)), loadVector(gradient + x &* gradientStep))
          }
          sums[j] = sum
        }
      }
    }
  }
}

/// The gradient of the weights of one vector of channels, of windows of any size: one weight after the other.
@inline(__always)
private func depthwiseGradient<Target: TileTarget>(
  _ call: ConvolutionGradient, _ places: DepthwisePlaces, _ gradient: Grid, _ layout: PanelLayout, _ target: Target,
  channel: Int, offset: Int
) {
  for i in 0..<places.size {
    for j in 0..<places.size {
      var sum = OneVector()
      for image in 0..<call.images {
        let pixels =
          call.input.rows.base
          + (image &* call.input.rows.stride &+ i &* places.line &+ j &* places.pitch &+ channel)
        let gradients = call.outputGradient.rows.base + (image &* call.outputGradient.rows.stride &+ channel)
        for y in 0..<gradient.height {
          for x in 0..<gradient.width {
            sum.add(
              OneVector(loading: pixels + places.index(y, x)),
              times: OneVector(loading: gradients + gradient.index(y, x)))
          }
        }
      }
      target.take(sum, at: offset &+ (i &* places.size &+ j) &* layout.panelWidth)
    }
  }
}

// MARK: - Addition

func mapAddition(_ call: MapAddition, _ part: Int, _ parts: Int) {
  let (source, target) = (Grid(call.source.layout), Grid(call.target.layout))
  for image in share(of: call.images, part, parts) {
    let from = call.source.rows.base + image &* call.source.rows.stride
    let to = call.target.rows.base + image &* call.target.rows.stride
    for y in 0..<target.height {
      for x in 0..<target.width {
        let (pixel, place) = (from + source.index(y, x), to + target.index(y, x))
        var channel = 0
        while channel < target.pitch {
          var value = loadVector(pixel + channel)
          if call.accumulates { value += loadVector(place + channel) }
          storeVector(value, to: place + channel)
          channel &+= Vector.scalarCount
        }
      }
    }
  }
}
