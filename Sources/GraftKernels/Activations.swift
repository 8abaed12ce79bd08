import GraftKernelCalls

// The operations between a layer's weights and its output, one vector of channels at a time. Scaling, adding, the nonlinearity and
// pooling are one pass over the feature map. The backward pass is one too: it computes the scaled values anew instead of keeping
// them.

/// A map that is added to another, or none. The compiler makes code for both.
private protocol Addend {
  /// The value plus the addend at a position of an image, from `channel` on.
  func adding(to value: Vector, _ y: Int, _ x: Int) -> Vector
}

private struct NoAddend: Addend {
  @inline(__always) func adding(to value: Vector, _ y: Int, _ x: Int) -> Vector { value }
}

private struct AddedMap: Addend {
  let base: UnsafePointer<Float>
  let grid: Grid
  @inline(__always) func adding(to value: Vector, _ y: Int, _ x: Int) -> Vector {
    value + loadVector(base + grid.index(y, x))
  }
}

/// The scaled, shifted and added values of a vector of channels.
private struct Pointwise<Added: Addend> {
  let source: UnsafePointer<Float>
  let grid: Grid
  let scale: Vector
  let shift: Vector
  let isAffine: Bool
  let added: Added

  @inline(__always)
  init(_ activation: Activation, _ maps: Maps, _ grid: Grid, _ added: Added, image: Int, channel: Int) {
    source = maps.rows.base + (image &* maps.rows.stride &+ channel)
    self.grid = grid
    isAffine = activation.affine != nil
    scale = activation.affine.map { loadVector($0.scale + channel) } ?? Vector(repeating: 1)
    shift = activation.affine.map { loadVector($0.shift + channel) } ?? Vector(repeating: 0)
    self.added = added
  }

  /// The output of the weights.
  @inline(__always)
  func raw(_ y: Int, _ x: Int) -> Vector { loadVector(source + grid.index(y, x)) }

  /// The input of the nonlinearity, made of the output of the weights.
  @inline(__always)
  func input(_ raw: Vector, _ y: Int, _ x: Int) -> Vector {
    added.adding(to: isAffine ? shift.addingProduct(raw, scale) : raw, y, x)
  }

  @inline(__always)
  func input(_ y: Int, _ x: Int) -> Vector { input(raw(y, x), y, x) }
}

func activation(_ call: ActivationCall, _ part: Int, _ parts: Int) {
  withNonlinearity(call.activation.function, ActivationPass(call: call, part: part, parts: parts))
}

private struct ActivationPass: NonlinearityUse {
  let call: ActivationCall
  let part: Int
  let parts: Int

  @inline(__always)
  func use<N: Nonlinearity>(_: N.Type) {
    let input = Grid(call.input.layout)
    for image in share(of: call.images, part, parts) {
      for channel in stride(from: 0, to: input.pitch, by: Vector.scalarCount) {
        if let maps = call.activation.added {
          let base = maps.rows.base + (image &* maps.rows.stride &+ channel)
          activate(N.self, call, image, channel, AddedMap(base: base, grid: Grid(maps.layout)))
        } else {
          activate(N.self, call, image, channel, NoAddend())
        }
      }
    }
  }
}

@inline(__always)
private func activate<N: Nonlinearity>(
  _: N.Type, _ call: ActivationCall, _ image: Int, _ channel: Int, _ added: some Addend
) {
  let (input, output) = (Grid(call.input.layout), Grid(call.output.layout))
  let pointwise = Pointwise(call.activation, call.input, input, added, image: image, channel: channel)
  let target = call.output.rows.base + (image &* call.output.rows.stride &+ channel)
  guard let pooling = call.activation.pooling else {
    forEachPosition(of: output) { y, x in storeVector(N.value(pointwise.input(y, x)), to: target + output.index(y, x)) }
    return
  }
  let window = pooling.window
  switch pooling.kind {
  case .maximum:
    forEachPosition(of: output) { y, x in
      let reach = Reach(y, x, pooling, input)
      var largest = N.value(pointwise.input(reach.rows.lowerBound, reach.columns.lowerBound))
      reach.visit { top, side in
        let value = N.value(pointwise.input(top, side))
        largest.replace(with: value, where: value .> largest)
      }
      storeVector(largest, to: target + output.index(y, x))
    }
  case .average:
    let share = Vector(repeating: 1 / Float(window.size &* window.size))
    forEachPosition(of: output) { y, x in
      var sum = Vector(repeating: 0)
      Reach(y, x, pooling, input).visit { top, side in sum += N.value(pointwise.input(top, side)) }
      storeVector(sum * share, to: target + output.index(y, x))
    }
  }
}

@inline(__always)
private func forEachPosition(of output: Grid, _ body: (_ y: Int, _ x: Int) -> Void) {
  for y in 0..<output.height { for x in 0..<output.width { body(y, x) } }
}

/// The positions of a map under one window; those outside of the map are left out.
private struct Reach {
  let rows: Range<Int>
  let columns: Range<Int>

  @inline(__always)
  init(_ y: Int, _ x: Int, _ pooling: Activation.Pool, _ input: Grid) {
    let (size, stride) = (pooling.window.size, pooling.window.stride)
    let (top, side) = (y &* stride &- pooling.padding, x &* stride &- pooling.padding)
    if pooling.padding == 0 {
      rows = top..<top &+ size
      columns = side..<side &+ size
    } else {
      rows = max(top, 0)..<min(top &+ size, input.height)
      columns = max(side, 0)..<min(side &+ size, input.width)
    }
  }

  @inline(__always)
  func visit(_ body: (_ y: Int, _ x: Int) -> Void) { for y in rows { for x in columns { body(y, x) } } }
}

// MARK: - Backward

func activationGradient(_ call: ActivationGradient, _ part: Int, _ parts: Int) {
  withNonlinearity(call.activation.function, ActivationBackwardPass(call: call, part: part, parts: parts))
}

private struct ActivationBackwardPass: NonlinearityUse {
  let call: ActivationGradient
  let part: Int
  let parts: Int

  @inline(__always)
  func use<N: Nonlinearity>(_: N.Type) {
    for image in share(of: call.images, part, parts) {
      for channel in stride(from: 0, to: call.input.layout.pitch, by: Vector.scalarCount) {
        if let maps = call.activation.added {
          let base = maps.rows.base + (image &* maps.rows.stride &+ channel)
          channelGradient(N.self, call, image, channel, AddedMap(base: base, grid: Grid(maps.layout)))
        } else {
          channelGradient(N.self, call, image, channel, NoAddend())
        }
      }
    }
  }
}

@inline(__always)
private func channelGradient<N: Nonlinearity>(
  _: N.Type, _ call: ActivationGradient, _ image: Int, _ channel: Int, _ added: some Addend
) {
  let (input, output) = (Grid(call.input.layout), Grid(call.output.layout))
  let (outputGradient, inputGradient) = (Grid(call.outputGradient.layout), Grid(call.inputGradient.layout))
  let pointwise = Pointwise(call.activation, call.input, input, added, image: image, channel: channel)
  let outputs = call.output.rows.base + (image &* call.output.rows.stride &+ channel)
  let gradients = call.outputGradient.rows.base + (image &* call.outputGradient.rows.stride &+ channel)
  let targets = call.inputGradient.rows.base + (image &* call.inputGradient.rows.stride &+ channel)
  let zero = Vector(repeating: 0)
  let isNormalized = call.normalized != nil
  let mean = call.normalized.map { loadVector($0.mean + channel) } ?? zero
  let inverseDeviation = call.normalized.map { loadVector($0.inverseDeviation + channel) } ?? zero
  var (sum, product) = (zero, zero)

  /// Adds a pixel's gradient to the products; `raw` is the output of the weights.
  @inline(__always)
  func count(_ gradient: Vector, _ raw: Vector) {
    if isNormalized { product.addProduct(gradient, (raw - mean) * inverseDeviation) }
  }

  /// The input of the nonlinearity, if its gradient needs it.
  @inline(__always)
  func needed(_ raw: Vector, _ y: Int, _ x: Int) -> Vector { N.needsInput ? pointwise.input(raw, y, x) : zero }

  if let pooling = call.activation.pooling {
    let window = pooling.window
    let isTiling = isTiling(pooling, input, output)
    if !isTiling {
      forEachPosition(of: input) { y, x in storeVector(zero, to: targets + inputGradient.index(y, x)) }
    }
    switch pooling.kind {
    case .maximum:
      forEachPosition(of: output) { y, x in
        let largest = loadVector(outputs + output.index(y, x))
        var left = loadVector(gradients + outputGradient.index(y, x))
        if !N.needsInput {
          left = N.gradient(left, at: zero, largest)
          sum += left
        }
        Reach(y, x, pooling, input).visit { top, side in
          let raw = pointwise.raw(top, side)
          let before = pointwise.input(raw, top, side)
          // The same operations as in the forward pass, so the largest is equal to itself. The first of several equal ones has
          // the gradient, as in PyTorch.
          let isLargest = (N.needsInput ? N.value(before) : before) .== largest
          var own = zero.replacing(with: left, where: isLargest)
          left.replace(with: zero, where: isLargest)
          if N.needsInput {
            own = N.gradient(own, at: before, largest)
            sum += own
          }
          count(own, raw)
          let target = targets + inputGradient.index(top, side)
          storeVector(isTiling ? own : loadVector(target) + own, to: target)
        }
      }
    case .average:
      let share = Vector(repeating: 1 / Float(window.size &* window.size))
      forEachPosition(of: output) { y, x in
        let gradient = loadVector(gradients + outputGradient.index(y, x)) * share
        Reach(y, x, pooling, input).visit { top, side in
          let raw = pointwise.raw(top, side)
          let before = pointwise.input(raw, top, side)
          let own = N.gradient(gradient, at: before, N.value(before))
          sum += own
          count(own, raw)
          let target = targets + inputGradient.index(top, side)
          storeVector(isTiling ? own : loadVector(target) + own, to: target)
        }
      }
    }
  } else {
    forEachPosition(of: input) { y, x in
      let raw = pointwise.raw(y, x)
      let gradient = N.gradient(
        loadVector(gradients + outputGradient.index(y, x)), at: needed(raw, y, x),
        loadVector(outputs + output.index(y, x)))
      sum += gradient
      count(gradient, raw)
      storeVector(gradient, to: targets + inputGradient.index(y, x))
    }
  }
  storeVector(sum, to: call.sums.base + (image &* call.sums.stride &+ channel))
  if let normalized = call.normalized {
    storeVector(product, to: normalized.products.base + (image &* normalized.products.stride &+ channel))
  }
}

/// Whether the windows leave no pixel out and share none, so that each pixel is written once.
@inline(__always)
private func isTiling(_ pooling: Activation.Pool, _ input: Grid, _ output: Grid) -> Bool {
  let window = pooling.window
  return pooling.padding == 0 && window.stride == window.size && output.height &* window.size == input.height
    && output.width &* window.size == input.width
}
