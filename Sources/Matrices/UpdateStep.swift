/// One step of an optimizer with its numbers worked out: what the kernels apply to each vector of parameters.
package enum UpdateStep: Sendable {
  case sgd(SGDStep)
  case adam(AdamStep)
}

/// Stochastic gradient descent with momentum as PyTorch's `torch.optim.SGD` (no dampening):
/// `g += weightDecay · w; v = momentum · v + g; w -= learningRate · v` (with Nesterov: `… · (g + momentum · v)`).
///
/// Sutskever, Martens, Dahl and Hinton, "On the importance of initialization and momentum in deep learning", ICML 2013;
/// PyTorch's form keeps the learning rate out of the velocity.
package struct SGDStep: Sendable {
  let learningRate: Float
  let momentum: Float
  let weightDecay: Float
  let nesterov: Bool

  package init(learningRate: Float, momentum: Float, weightDecay: Float, nesterov: Bool) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.nesterov = nesterov
  }

  @inline(__always)
  func apply(_ gradient: Vector, _ weights: UnsafeMutablePointer<Float>, _ velocity: UnsafeMutablePointer<Float>) {
    let w = loadVector(weights)
    let g = gradient.addingProduct(Vector(repeating: weightDecay), w)
    let v = g.addingProduct(Vector(repeating: momentum), loadVector(velocity))
    storeVector(v, to: velocity)
    let direction = nesterov ? g.addingProduct(Vector(repeating: momentum), v) : v
    storeVector(w.addingProduct(Vector(repeating: -learningRate), direction), to: weights)
  }
}

/// Adam (Kingma and Ba, ICLR 2015, algorithm 1) as PyTorch's `torch.optim.Adam`; with `decoupled` weight decay it is AdamW
/// (Loshchilov and Hutter, ICLR 2019).
package struct AdamStep: Sendable {
  let beta2: Float
  /// 1 - beta1 and 1 - beta2, subtracted in Double: 1 - Float(0.999) is off by 1e-5 of itself.
  let meanShare: Float
  let squareShare: Float
  let epsilon: Float
  /// learningRate / (1 - beta1ᵗ)
  let stepSize: Float
  /// 1 / √(1 - beta2ᵗ)
  let squareScale: Float
  /// Added to the gradient (coupled).
  let weightDecay: Float
  /// What the weights are multiplied with first (decoupled): 1 - learningRate · weightDecay, or 1.
  let shrinkage: Float

  /// - Parameter step: t of the paper: 1 for the first update.
  package init(
    learningRate: Double, beta1: Double, beta2: Double, epsilon: Double, weightDecay: Double, decoupled: Bool, step: Int
  ) {
    self.beta2 = Float(beta2)
    meanShare = Float(1 - beta1)
    squareShare = Float(1 - beta2)
    self.epsilon = Float(epsilon)
    stepSize = Float(learningRate / (1 - AdamStep.power(beta1, step)))
    squareScale = Float(1 / (1 - AdamStep.power(beta2, step)).squareRoot())
    self.weightDecay = decoupled ? 0 : Float(weightDecay)
    shrinkage = decoupled ? Float(1 - learningRate * weightDecay) : 1
  }

  /// By squaring, so that no C library is asked.
  static func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, square, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }

  @inline(__always)
  func apply(
    _ gradient: Vector, _ weights: UnsafeMutablePointer<Float>, _ mean: UnsafeMutablePointer<Float>,
    _ square: UnsafeMutablePointer<Float>
  ) {
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

/// What an optimizer remembers of each parameter: SGD's velocity, or Adam's mean and square.
package struct OptimizerState: Sendable, Hashable {
  package var first: AlignedFloats
  /// Empty for SGD.
  package var second: AlignedFloats

  package init(count: Int, isAdaptive: Bool) {
    first = AlignedFloats(zeros: count)
    second = AlignedFloats(zeros: isAdaptive ? count : 0)
  }

  mutating func withMutableFloats(_ body: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) -> Void) {
    first.withMutableFloats { first in second.withMutableFloats { second in body(first, second) } }
  }
}

extension UpdateStep {
  /// The reference path: moves the weights at `layout` along a gradient that was written to memory first.
  package func move(
    _ weights: inout AlignedFloats, at layout: MatrixLayout, along gradient: AlignedFloats, state: inout OptimizerState
  ) {
    gradient.withFloats { gradient in
      weights.withMutableFloats { weights in
        state.withMutableFloats { first, second in
          for place in stride(from: layout.offset, to: layout.offset + layout.footprint, by: Vector.scalarCount) {
            let g = loadVector(gradient + place)
            switch self {
            case .sgd(let step): step.apply(g, weights + place, first + place)
            case .adam(let step): step.apply(g, weights + place, first + place, second + place)
            }
          }
        }
      }
    }
  }
}
