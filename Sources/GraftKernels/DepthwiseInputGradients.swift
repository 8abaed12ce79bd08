import GraftKernelCalls

// The input gradient of a depthwise convolution, spread from each position of the output.

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
        var row = depthwiseWeights(call.weights, call.layout, channel: channel)
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
