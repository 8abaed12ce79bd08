import GraftKernelCalls

/// A receiver of a gradient's tiles as they are computed. `offset` is the tile's place in the block of parameters.
protocol TileTarget {
  /// Whether a tile of zeros changes nothing, so that it may be left out.
  static var ignoresZeros: Bool { get }
  func take<Strip: Lanes>(_ gradient: Strip, at offset: Int)
}

func gradient(_ call: GradientCall, _ part: Int, _ parts: Int) {
  switch call.destination {
  case .sum(let base): gradient(call, into: Addition(base: base), part, parts)
  case .step(let step, let blocks):
    withVectorStep(step, GradientDescent(call: call, blocks: blocks, part: part, parts: parts))
  }
}

/// Computes a gradient and moves the weights along it tile by tile.
private struct GradientDescent: VectorStepUse {
  let call: GradientCall
  let blocks: ParameterBlocks
  let part: Int
  let parts: Int

  @inline(__always)
  func use(_ step: some VectorStep) {
    gradient(call, into: Descent(step: step, blocks: blocks), part, parts)
  }
}

@inline(__always)
private func gradient<Target: TileTarget>(_ call: GradientCall, into target: Target, _ part: Int, _ parts: Int) {
  switch call.factors {
  case .dense(let left, let right, let rows): denseGradient(left, right, rows: rows, call.layout, target, part, parts)
  case .columnPairs(let pairs, let outputGradient):
    columnPairGradient(pairs, outputGradient, call.layout, target, part, parts)
  case .pixels(let entries, let outputGradient, let scratch):
    narrowPixelGradient(entries, outputGradient, scratch, call.layout, target, part, parts)
  case .columnSums(let matrix, let rows): columnSums(matrix, rows: rows, call.layout, target, part, parts)
  case .convolution(let factors): convolutionGradient(factors, call.layout, target, part, parts)
  case .depthwise(let factors): depthwiseGradient(factors, call.layout, target, part, parts)
  }
}

/// Moves weights along a gradient that was written to memory first.
func move(_ call: ParameterMove, _ part: Int, _ parts: Int) {
  withVectorStep(call.step, Move(call: call, part: part, parts: parts))
}

private struct Move: VectorStepUse {
  let call: ParameterMove
  let part: Int
  let parts: Int

  @inline(__always)
  func use(_ step: some VectorStep) {
    let descent = Descent(step: step, blocks: call.blocks)
    let vectors = call.layout.footprint / Vector.scalarCount
    for vector in share(of: vectors, part, parts) {
      let offset = call.layout.offset &+ vector &* Vector.scalarCount
      descent.take(OneVector(loading: call.gradient + offset), at: offset)
    }
  }
}

private struct Addition: TileTarget {
  let base: UnsafeMutablePointer<Float>
  @inline(__always) static var ignoresZeros: Bool { true }
  @inline(__always)
  func take<Strip: Lanes>(_ gradient: Strip, at offset: Int) {
    var sum = Strip(loading: base + offset)
    sum.add(gradient)
    sum.store(to: base + offset)
  }
}

/// A target that uses the gradient at once to move the weights.
private struct Descent<Step: VectorStep>: TileTarget {
  let step: Step
  let blocks: ParameterBlocks
  @inline(__always) static var ignoresZeros: Bool { false }
  @inline(__always)
  func take<Strip: Lanes>(_ gradient: Strip, at offset: Int) {
    gradient.forEachVector { vector, distance in step.apply(vector, blocks, offset &+ distance) }
  }
}
