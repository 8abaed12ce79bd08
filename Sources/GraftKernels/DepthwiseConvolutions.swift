import CGraftProcessor
import GraftKernelCalls

// Depthwise convolutions: a vector of channels at a time, whose sums stay in registers. There are few multiply-adds for each number
// that is read, so memory decides.

/// The places of a depthwise convolution's pixels and weights.
struct DepthwisePlaces {
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
func depthwiseWeights(_ base: UnsafePointer<Float>, _ layout: PanelLayout, channel: Int) -> UnsafePointer<Float> {
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
      let factors = depthwiseWeights(call.weights, call.layout, channel: channel)
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
