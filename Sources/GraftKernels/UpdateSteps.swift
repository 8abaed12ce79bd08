import GraftKernelCalls

// An optimizer's step for one vector of parameters. The mathematics and its sources are at the steps' types.

/// A step that moves one vector of parameters, `place` floats into the blocks.
protocol VectorStep {
  func apply(_ gradient: Vector, _ blocks: ParameterBlocks, _ place: Int)
}

/// Work that needs a step of a known type.
protocol VectorStepUse {
  func use(_ step: some VectorStep)
}

/// Calls `work` with the step's own type, so that its arithmetic is compiled into the loop. An optimizer is added here and below.
@inline(__always)
func withVectorStep(_ step: UpdateStep, _ work: some VectorStepUse) {
  switch step {
  case .sgd(let step): work.use(step)
  case .adam(let step): work.use(step)
  }
}

extension SGDStep: VectorStep {
  @inline(__always)
  func apply(_ gradient: Vector, _ blocks: ParameterBlocks, _ place: Int) {
    let (weights, velocity) = (blocks.weights + place, blocks.first + place)
    let w = loadVector(weights)
    let g = gradient.addingProduct(Vector(repeating: weightDecay), w)
    let v = g.addingProduct(Vector(repeating: momentum), loadVector(velocity))
    storeVector(v, to: velocity)
    let direction = nesterov ? g.addingProduct(Vector(repeating: momentum), v) : v
    storeVector(w.addingProduct(Vector(repeating: -learningRate), direction), to: weights)
  }
}

extension AdamStep: VectorStep {
  @inline(__always)
  func apply(_ gradient: Vector, _ blocks: ParameterBlocks, _ place: Int) {
    let (weights, mean, square) = (blocks.weights + place, blocks.first + place, blocks.second + place)
    let w = loadVector(weights) * shrinkage
    let g = gradient.addingProduct(Vector(repeating: weightDecay), w)
    let oldMean = loadVector(mean)
    let m = oldMean.addingProduct(g - oldMean, Vector(repeating: meanShare))
    let s = (g * g * squareShare).addingProduct(loadVector(square), Vector(repeating: beta2))
    storeVector(m, to: mean)
    storeVector(s, to: square)
    let denominator = Vector(repeating: epsilon).addingProduct(approximateSquareRoot(s), Vector(repeating: squareScale))
    storeVector(w - m * stepSize / denominator, to: weights)
  }
}
