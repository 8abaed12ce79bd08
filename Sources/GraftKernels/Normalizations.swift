import GraftKernelCalls

/// Measures each channel in two passes over an image, which is in the cache for the second. The second sums squared distances
/// from the mean, because a sum of squares loses them if the mean is large beside them.
func moments(_ call: MomentsCall, _ part: Int, _ parts: Int) {
  let input = Grid(call.input.layout)
  let weight = Vector(repeating: 1 / Float(input.height &* input.width))
  for image in share(of: call.images, part, parts) {
    for channel in stride(from: 0, to: input.pitch, by: Vector.scalarCount) {
      let source = call.input.rows.base + (image &* call.input.rows.stride &+ channel)
      var sum = Vector(repeating: 0)
      forEachPixel(of: input) { sum += loadVector(source + $0) }
      let mean = sum * weight
      var square = Vector(repeating: 0)
      forEachPixel(of: input) {
        let distance = loadVector(source + $0) - mean
        square.addProduct(distance, distance)
      }
      storeVector(mean, to: call.means.base + (image &* call.means.stride &+ channel))
      storeVector(square, to: call.squares.base + (image &* call.squares.stride &+ channel))
    }
  }
}

func normalizationGradient(_ call: NormalizationGradient, _ part: Int, _ parts: Int) {
  let (input, gradient) = (Grid(call.input.layout), Grid(call.gradient.layout))
  for image in share(of: call.images, part, parts) {
    for channel in stride(from: 0, to: input.pitch, by: Vector.scalarCount) {
      let (a, b, c) = (loadVector(call.a + channel), loadVector(call.b + channel), loadVector(call.c + channel))
      let source = call.input.rows.base + (image &* call.input.rows.stride &+ channel)
      let target = call.gradient.rows.base + (image &* call.gradient.rows.stride &+ channel)
      for y in 0..<input.height {
        for x in 0..<input.width {
          let place = target + gradient.index(y, x)
          let shifted = c.addingProduct(loadVector(source + input.index(y, x)), b)
          storeVector(shifted.addingProduct(loadVector(place), a), to: place)
        }
      }
    }
  }
}

@inline(__always)
private func forEachPixel(of layout: Grid, _ body: (_ index: Int) -> Void) {
  for y in 0..<layout.height { for x in 0..<layout.width { body(layout.index(y, x)) } }
}
