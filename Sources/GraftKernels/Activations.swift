import GraftKernelCalls

// The operations between a layer's weights and its output, one vector of channels at a time. Scaling, rectifying and pooling are
// one pass over the feature map. The backward pass is one too: it computes the scaled values anew instead of keeping them.

/// The scaled, shifted and rectified values of a vector of channels.
private struct Pointwise {
  let scale: Vector
  let shift: Vector
  let isAffine: Bool
  let rectifies: Bool

  @inline(__always)
  init(_ activation: Activation, channel: Int) {
    isAffine = activation.affine != nil
    rectifies = activation.rectifies
    scale = activation.affine.map { loadVector($0.scale + channel) } ?? Vector(repeating: 1)
    shift = activation.affine.map { loadVector($0.shift + channel) } ?? Vector(repeating: 0)
  }

  @inline(__always)
  func affine(_ x: Vector) -> Vector { isAffine ? shift.addingProduct(x, scale) : x }

  @inline(__always)
  func callAsFunction(_ x: Vector) -> Vector { rectifies ? positivePart(affine(x)) : affine(x) }
}

func activation(_ call: ActivationCall, _ part: Int, _ parts: Int) {
  let (input, output) = (Grid(call.input.layout), Grid(call.output.layout))
  for image in share(of: call.images, part, parts) {
    for channel in stride(from: 0, to: input.pitch, by: Vector.scalarCount) {
      let pointwise = Pointwise(call.activation, channel: channel)
      let source = call.input.rows.base + (image &* call.input.rows.stride &+ channel)
      let target = call.output.rows.base + (image &* call.output.rows.stride &+ channel)
      switch call.activation.pooling {
      case nil:
        for y in 0..<input.height {
          for x in 0..<input.width {
            storeVector(pointwise(loadVector(source + input.index(y, x))), to: target + output.index(y, x))
          }
        }
      case (.maximum, let window)?:
        pool(output) { y, x in
          var largest = pointwise(loadVector(source + input.index(y &* window.stride, x &* window.stride)))
          forEachPosition(in: window) { i, j in
            let value = pointwise(loadVector(source + input.index(y &* window.stride &+ i, x &* window.stride &+ j)))
            largest.replace(with: value, where: value .> largest)
          }
          storeVector(largest, to: target + output.index(y, x))
        }
      case (.average, let window)?:
        let share = Vector(repeating: 1 / Float(window.size &* window.size))
        pool(output) { y, x in
          var sum = Vector(repeating: 0)
          forEachPosition(in: window) { i, j in
            sum += pointwise(loadVector(source + input.index(y &* window.stride &+ i, x &* window.stride &+ j)))
          }
          storeVector(sum * share, to: target + output.index(y, x))
        }
      }
    }
  }
}

@inline(__always)
private func pool(_ output: Grid, _ body: (_ y: Int, _ x: Int) -> Void) {
  for y in 0..<output.height { for x in 0..<output.width { body(y, x) } }
}

@inline(__always)
private func forEachPosition(in window: Window, _ body: (_ i: Int, _ j: Int) -> Void) {
  for i in 0..<window.size { for j in 0..<window.size { body(i, j) } }
}

// MARK: - Backward

func activationGradient(_ call: ActivationGradient, _ part: Int, _ parts: Int) {
  for image in share(of: call.images, part, parts) {
    for channel in stride(from: 0, to: call.input.layout.pitch, by: Vector.scalarCount) {
      channelGradient(call, image, channel)
    }
  }
}

@inline(__always)
private func channelGradient(_ call: ActivationGradient, _ image: Int, _ channel: Int) {
  let (input, output) = (Grid(call.input.layout), Grid(call.output.layout))
  let (outputGradient, inputGradient) = (Grid(call.outputGradient.layout), Grid(call.inputGradient.layout))
  let pointwise = Pointwise(call.activation, channel: channel)
  let source = call.input.rows.base + (image &* call.input.rows.stride &+ channel)
  let outputs = call.output.rows.base + (image &* call.output.rows.stride &+ channel)
  let gradients = call.outputGradient.rows.base + (image &* call.outputGradient.rows.stride &+ channel)
  let targets = call.inputGradient.rows.base + (image &* call.inputGradient.rows.stride &+ channel)
  let zero = Vector(repeating: 0)
  let rectifies = call.activation.rectifies
  let isNormalized = call.normalized != nil
  let mean = call.normalized.map { loadVector($0.mean + channel) } ?? zero
  let inverseDeviation = call.normalized.map { loadVector($0.inverseDeviation + channel) } ?? zero
  var (sum, product) = (zero, zero)

  /// Adds a pixel's gradient to the sums.
  @inline(__always)
  func count(_ gradient: Vector, _ value: Vector) {
    if isNormalized { product.addProduct(gradient, (value - mean) * inverseDeviation) }
  }

  switch call.activation.pooling {
  case nil:
    for y in 0..<input.height {
      for x in 0..<input.width {
        var gradient = loadVector(gradients + outputGradient.index(y, x))
        if rectifies {
          gradient = zero.replacing(with: gradient, where: loadVector(outputs + output.index(y, x)) .> zero)
        }
        sum += gradient
        count(gradient, loadVector(source + input.index(y, x)))
        storeVector(gradient, to: targets + inputGradient.index(y, x))
      }
    }
  case (.maximum, let window)?:
    let isTiling = isTiling(window, input, output)
    if !isTiling { pool(input) { y, x in storeVector(zero, to: targets + inputGradient.index(y, x)) } }
    pool(output) { y, x in
      let largest = loadVector(outputs + output.index(y, x))
      var left = loadVector(gradients + outputGradient.index(y, x))
      if rectifies { left = zero.replacing(with: left, where: largest .> zero) }
      sum += left
      forEachPosition(in: window) { i, j in
        let (top, side) = (y &* window.stride &+ i, x &* window.stride &+ j)
        let value = loadVector(source + input.index(top, side))
        // The same operations as in the forward pass, so the largest is equal to itself. The first of several equal ones has the
        // gradient, as in PyTorch.
        let isLargest = pointwise.affine(value) .== largest
        let own = zero.replacing(with: left, where: isLargest)
        left.replace(with: zero, where: isLargest)
        count(own, value)
        let target = targets + inputGradient.index(top, side)
        storeVector(isTiling ? own : loadVector(target) + own, to: target)
      }
    }
  case (.average, let window)?:
    let isTiling = isTiling(window, input, output)
    if !isTiling { pool(input) { y, x in storeVector(zero, to: targets + inputGradient.index(y, x)) } }
    let share = Vector(repeating: 1 / Float(window.size &* window.size))
    pool(output) { y, x in
      let gradient = loadVector(gradients + outputGradient.index(y, x)) * share
      forEachPosition(in: window) { i, j in
        let (top, side) = (y &* window.stride &+ i, x &* window.stride &+ j)
        let value = loadVector(source + input.index(top, side))
        let own = rectifies ? zero.replacing(with: gradient, where: pointwise.affine(value) .> zero) : gradient
        sum += own
        count(own, value)
        let target = targets + inputGradient.index(top, side)
        storeVector(isTiling ? own : loadVector(target) + own, to: target)
      }
    }
  }
  storeVector(sum, to: call.sums.base + (image &* call.sums.stride &+ channel))
  if let normalized = call.normalized {
    storeVector(product, to: normalized.products.base + (image &* normalized.products.stride &+ channel))
  }
}

/// Whether the windows leave no pixel out and share none, so that each pixel is written once.
@inline(__always)
private func isTiling(_ window: Window, _ input: Grid, _ output: Grid) -> Bool {
  window.stride == window.size && output.height &* window.size == input.height
    && output.width &* window.size == input.width
}
