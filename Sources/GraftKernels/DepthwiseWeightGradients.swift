import GraftKernelCalls

// The weight gradient of a depthwise convolution, one vector of channels at a time.

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
